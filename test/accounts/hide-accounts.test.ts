import { expect, test } from 'vitest'
import { createBlindIndex } from '../../src/crypto/blind-index.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords }, env: { HIDE_ACCOUNTS: 'true' } })
const uuid4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

async function someone(): Promise<Person> {
  const ada = world.person()
  await ada.signUp()
  return ada
}

/** What a stranger sees who tries everything with a number. */
async function seenOf(person: Person) {
  const seen: unknown[] = []
  const see = async (answer: Response) => {
    const body = JSON.stringify(await answer.clone().json())
    const shape = body.replace(/[\da-f-]{36}/, 'uid').replace(/\d{13}/, 'instant')
    seen.push([
      answer.status,
      shape,
      answer.headers.get('Retry-After'),
      answer.headers.get('Set-Cookie')?.replace(/=[\w-]{43}/, '=token'),
    ])
  }
  const browser = person.elsewhere()
  const path = () => `/v2/users/${browser.uid}`
  const number = { phone_number: person.phoneNumber }
  await see(await browser.startRecovery())
  await see(await browser.send('POST', `${path()}/OTP`, { phone_number: '+237670000001' }))
  await see(await browser.send('POST', `${path()}/OTP`, number))
  await see(await browser.send('POST', `${path()}/OTP`, number))
  for (let attempt = 0; attempt < 7; attempt++) await see(await browser.send('PUT', '/v2/OTP', { code: 'wrong!' }))
  await see(await browser.send('PUT', `${path()}/recovery`, { new_password: 'what a thief would set' }))
  await see(await browser.send('GET', `${path()}/dashboard`))
  await see(await browser.send('POST', `${path()}/password`, { password: 'x', new_password: 'y' }))
  await see(await browser.send('DELETE', path(), { password: 'x' }))
  for (let attempt = 0; attempt < 6; attempt++)
    await see(await browser.send('POST', `${path()}/verify`, { password: 'a wrong passphrase' }))
  for (let attempt = 0; attempt < 6; attempt++)
    await see(await browser.send('POST', '/v2/login', { ...number, password: 'a wrong passphrase' }))
  await see(await browser.send('POST', `${path()}/verify`, { password: 'a wrong passphrase' }))
  await see(await browser.send('POST', `${path()}/logout`, {}))
  return seen
}

test('whoever tries everything sees no difference between a number with an account and one without', async () => {
  const known = await seenOf(await someone())
  const unknown = await seenOf(world.person())
  expect(unknown).toEqual(known)
  expect(known.filter((each) => String(each).startsWith('429'))).toHaveLength(4)
})

test('a number without an account has a stable uid that looks like any other, and gets no SMS', async () => {
  const nobody = world.person()
  const answer = await nobody.startRecovery()
  expect(answer.status).toBe(200)
  const { uid } = await answer.json()
  expect(uid).toMatch(uuid4)
  const sent = await nobody.sendCode()
  expect(sent.status).toBe(201)
  expect(Math.abs((await sent.json()).expires - Date.now() - 120_000)).toBeLessThan(10_000)
  expect((await nobody.enterCode('123456')).status).toBe(403)
  expect(world.phone.messagesTo(nobody.phoneNumber)).toEqual([])

  await nobody.elsewhere().send('POST', '/v2/recovery', { phone_number: nobody.phoneNumber.replace('+237', '00237 ') })
  expect(await (await nobody.elsewhere().startRecovery()).json()).toEqual({ uid })
  expect((await (await world.person().startRecovery()).json()).uid).not.toBe(uid)
  expect((await someone()).uid).toMatch(uuid4)
})

test('even the right code of a hidden account leads nowhere', async () => {
  const nobody = world.person()
  await nobody.startRecovery()
  await nobody.sendCode()
  await world.sql`update sessions set verified_at = now() where user_id = ${nobody.uid}`
  expect((await nobody.finishRecovery('the new passphrase')).status).toBe(401)
  expect((await nobody.logIn('the new passphrase')).status).toBe(401)
})

test('a known number is recovered as ever', async () => {
  const ada = await someone()
  const browser = ada.elsewhere()
  const { uid } = await (await browser.startRecovery()).json()
  expect(uid).toMatch(uuid4)
  expect(uid).not.toBe(ada.uid)
  await browser.sendCode()
  expect((await browser.enterCode()).status).toBe(200)
  expect((await browser.finishRecovery('the new passphrase')).status).toBe(200)
  expect((await ada.logIn('the new passphrase')).status).toBe(200)
})

test('a sign-up with a known number is answered as any other until the number is proved, and changes nothing', async () => {
  const ada = await someone()
  const before = await world.sql`select * from users where id = ${ada.uid}`
  const again = world.person({ phoneNumber: ada.phoneNumber })
  again.password = 'the password of a stranger'
  const answer = await again.startSignUp()
  expect(answer.status).toBe(200)
  expect((await answer.json()).uid).not.toBe(ada.uid)
  expect((await again.finishSignUp()).status).toBe(403)
  expect((await again.sendCode()).status).toBe(201)
  expect((await again.enterCode()).status).toBe(200)
  expect((await again.finishSignUp()).status).toBe(409)
  expect(await world.sql`select * from users where id = ${ada.uid}`).toEqual(before)
  expect((await ada.elsewhere().logIn()).status).toBe(200)
  expect((await ada.elsewhere().logIn(again.password)).status).toBe(401)
})

test('a number whose account was made under an older key gets no second account', async () => {
  const ada = await someone()
  const { blindIndex } = world.services
  const newer = createBlindIndex([{ id: 'newer', bytes: crypto.getRandomValues(new Uint8Array(32)) }])
  world.services.blindIndex = {
    of: newer.of,
    all: async (kind, value) => [...(await newer.all(kind, value)), ...(await blindIndex.all(kind, value))],
  }
  const again = world.person({ phoneNumber: ada.phoneNumber })
  await again.proveNumber()
  expect((await again.finishSignUp()).status).toBe(409)
  expect((await ada.logIn()).status).toBe(200)
  world.services.blindIndex = blindIndex
})

test('a recovery shows one uid for a number before it has an account, while it has one, and after it is deleted', async () => {
  const ada = world.person()
  const shown = async () => {
    const browser = ada.elsewhere()
    await browser.startRecovery()
    return browser.uid
  }
  const before = await shown()
  await ada.signUp()
  await ada.logIn()
  expect(ada.uid).not.toBe(before)
  expect(await shown()).toBe(before)
  await ada.deleteAccount()
  expect(await shown()).toBe(before)
})

test('a new password ends a proved recovery that shows another uid', async () => {
  const ada = await world.signedUpPerson()
  const browser = ada.elsewhere()
  await browser.startRecovery()
  await browser.sendCode()
  await expect.poll(() => world.phone.messagesTo(ada.phoneNumber).at(-1)?.purpose).toBe('recovery')
  expect((await browser.enterCode()).status).toBe(200)
  expect((await ada.changePassword('a second passphrase')).status).toBe(200)
  expect((await browser.finishRecovery('a third passphrase')).status).toBe(401)
})
