import { expect, test } from 'vitest'
import { countStatuses } from '../support/count-statuses.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true })
const { settings } = world.services

test('a new password takes the place of the old, ends every other session and keeps this one', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere({ userAgent: 'Phone/1.0' })
  await phone.logIn()
  const recovery = await ada.recovering()

  const answer = await ada.changePassword('the new passphrase')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({})
  expect((await ada.dashboard()).status).toBe(200)
  expect((await phone.dashboard()).status).toBe(401)
  expect((await recovery.finishRecovery('what a thief would set')).status).toBe(401)
  expect((await ada.elsewhere().logIn()).status).toBe(401)
  expect((await ada.elsewhere().logIn('the new passphrase')).status).toBe(200)
})

test('a wrong current password is refused with 403 and changes nothing', async () => {
  const ada = await world.signedUpPerson()
  expect((await ada.changePassword('the new passphrase', 'a wrong passphrase')).status).toBe(403)
  expect((await ada.dashboard()).status).toBe(200)
  expect((await ada.elsewhere().logIn()).status).toBe(200)
})

test.each(['short', 'password123', 'x'.repeat(257)])(
  'the new password %s is refused and changes nothing',
  async (newPassword) => {
    const ada = await world.signedUpPerson()
    const phone = ada.elsewhere()
    await phone.logIn()
    expect((await ada.changePassword(newPassword)).status).toBe(400)
    expect((await phone.dashboard()).status).toBe(200)
  },
)

test("nobody changes another's password", async () => {
  const [ada, mallory] = [await world.signedUpPerson(), await world.signedUpPerson()]
  const body = { password: ada.password, new_password: 'what a thief would set' }
  expect((await mallory.send('POST', `/v2/users/${ada.uid}/password`, body)).status).toBe(401)
  expect((await ada.elsewhere().send('POST', `/v2/users/${ada.uid}/password`, body)).status).toBe(401)
  expect((await ada.elsewhere().logIn()).status).toBe(200)
})

test('of two parallel changes one wins', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere()
  await phone.logIn()
  const answers = await Promise.all([
    ada.changePassword('a first passphrase'),
    phone.changePassword('a second passphrase'),
  ])
  const statuses = answers.map(({ status }): number => status)
  // The loser finds the password changed, or its session ended.
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 401 || status === 403)).toHaveLength(1)
  const [winner, loser] = statuses[0] === 200 ? [ada, phone] : [phone, ada]
  expect((await winner.dashboard()).status).toBe(200)
  expect((await loser.dashboard()).status).toBe(401)
  const passwords = ['a first passphrase', 'a second passphrase', ada.password]
  expect(await countStatuses(passwords.map((password) => ada.elsewhere().logIn(password)))).toEqual({ 200: 1, 401: 2 })
})

test('grants stay, unless PASSWORD_CHANGE_PURGES_GRANTS', async () => {
  const ada = await world.signedUpPerson()
  await ada.connectGmail()
  await ada.changePassword('the new passphrase')
  expect(await ada.savedPlatforms()).toEqual(['gmail'])

  settings.passwordChangePurgesGrants = true
  expect((await ada.changePassword('a newer passphrase', 'a wrong passphrase')).status).toBe(403)
  expect(await ada.savedPlatforms()).toEqual(['gmail'])
  expect((await ada.changePassword('a newer passphrase', 'the new passphrase')).status).toBe(200)
  settings.passwordChangePurgesGrants = false
  expect(await ada.savedPlatforms()).toEqual([])
  expect(await world.runJobs()).toBe(1)
  expect(await world.sql`select 1 from revocations`).toEqual([])
})
