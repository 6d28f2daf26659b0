import { beforeEach, describe, expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()
const { settings } = world.services
const newPassword = 'what a thief would set'

const passwordHashes = () => world.sql`select id, password_hash from users order by id`

describe('only the account whose own number was proved is changed', () => {
  let ada: Person
  let before: unknown

  beforeEach(async () => {
    ada = await world.signedUpPerson()
    before = await passwordHashes()
  })

  async function expectUnchanged() {
    expect(await passwordHashes()).toEqual(before)
    expect((await ada.dashboard()).status).toBe(200)
  }

  test('a proved number of another account changes nothing', async () => {
    const mallory = world.person()
    await mallory.signUp()
    before = await passwordHashes()
    const browser = await mallory.recovering()
    expect((await browser.finishRecovery(newPassword, ada.uid)).status).toBe(401)
    expect((await browser.finishRecovery(newPassword, ada.uid.toUpperCase())).status).toBe(401)
    await expectUnchanged()
    expect((await browser.finishRecovery(newPassword)).status).toBe(200)
    expect((await ada.elsewhere().logIn()).status).toBe(200)
  })

  test('a proved sign-up of another number changes nothing', async () => {
    const mallory = world.person()
    await mallory.proveNumber()
    expect((await mallory.finishRecovery(newPassword, ada.uid)).status).toBe(401)
    expect((await mallory.finishRecovery(newPassword)).status).toBe(403)
    await expectUnchanged()
  })

  test('a proved sign-up of the very number changes nothing', async () => {
    settings.hideAccounts = true
    const again = world.person({ phoneNumber: ada.phoneNumber })
    await again.proveNumber()
    settings.hideAccounts = false
    expect((await again.finishRecovery(newPassword, ada.uid)).status).toBe(401)
    expect((await again.finishRecovery(newPassword)).status).toBe(403)
    await expectUnchanged()
  })

  test('a login session changes nothing', async () => {
    expect((await ada.finishRecovery(newPassword)).status).toBe(403)
    const mallory = await world.signedUpPerson()
    before = await passwordHashes()
    expect((await mallory.finishRecovery(newPassword, ada.uid)).status).toBe(401)
    await expectUnchanged()
  })

  test('a recovery whose number is not proved changes nothing', async () => {
    const thief = ada.elsewhere()
    await thief.startRecovery()
    expect((await thief.finishRecovery(newPassword)).status).toBe(403)
    await thief.sendCode()
    expect((await thief.finishRecovery(newPassword)).status).toBe(403)
    expect((await thief.enterCode(ada.lastCode === '000000' ? '000001' : '000000')).status).toBe(403)
    expect((await thief.finishRecovery(newPassword)).status).toBe(403)
    await expectUnchanged()
  })

  test("a code of the owner's own recovery does not prove a thief's", async () => {
    const thief = ada.elsewhere()
    await thief.startRecovery()
    await thief.sendCode()
    await world.sql`delete from code_waits`
    const holder = ada.elsewhere()
    await holder.startRecovery()
    await holder.sendCode()
    expect((await thief.enterCode(ada.lastCode)).status).toBe(403)
    expect((await thief.finishRecovery(newPassword)).status).toBe(403)
    await expectUnchanged()
    expect((await holder.enterCode()).status).toBe(200)
  })

  test('without a session nothing changes', async () => {
    expect((await ada.elsewhere().finishRecovery(newPassword)).status).toBe(401)
    await expectUnchanged()
  })
})

test('a refused new password leaves the recovery open', async () => {
  const ada = world.person()
  await ada.signUp()
  const browser = await ada.recovering()
  expect((await browser.finishRecovery('short')).status).toBe(400)
  expect((await browser.finishRecovery('password123')).status).toBe(400)
  expect((await browser.finishRecovery('the new passphrase')).status).toBe(200)
})

test('a recovery ends a block of the password', async () => {
  const ada = world.person()
  await ada.signUp()
  await countStatuses(times(5, () => ada.elsewhere().logIn('a wrong passphrase')))
  expect((await ada.logIn()).status).toBe(429)
  const browser = await ada.recovering()
  expect((await browser.finishRecovery('the new passphrase')).status).toBe(200)
  expect((await ada.logIn('the new passphrase')).status).toBe(200)
})

test('a recovery of an account deleted meanwhile changes nothing', async () => {
  const ada = await world.signedUpPerson()
  const browser = await ada.recovering()
  expect((await ada.deleteAccount()).status).toBe(200)
  expect((await browser.finishRecovery('the new passphrase')).status).toBe(401)
  expect((await ada.logIn('the new passphrase')).status).toBe(401)
})

test('a recovery gives a new session, its own user and no other', async () => {
  const ada = world.person()
  await ada.signUp()
  const browser = ada.elsewhere()
  const answer = await browser.startRecovery()
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ uid: ada.uid })
  expect((await browser.dashboard()).status).toBe(401)
  expect((await browser.send('GET', `/v2/users/${ada.uid}/platforms`)).status).toBe(401)
})

test('an unknown number cannot be recovered, and gets no session', async () => {
  const nobody = world.person()
  expect((await nobody.startRecovery()).status).toBe(401)
  expect(nobody.cookie).toBe('')
  expect((await nobody.send('POST', '/v2/recovery', { phone_number: 'call me' })).status).toBe(400)
})
