import { expect, test } from 'vitest'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { countStatuses } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true })

/** The tables in which a user's id or number stands. The audit trail keeps the id, which by then is nobody's. */
async function traces({ uid, phoneNumber }: Person): Promise<string[]> {
  const number = await world.services.blindIndex.of('phone number', phoneNumber)
  const tables = await world.sql<
    { table_name: string }[]
  >`select table_name from information_schema.tables where table_schema = 'public'`
  const found: string[] = []
  for (const { table_name } of tables) {
    const rows = await world.sql<{ row: string }[]>`select t::text as row from ${world.sql(table_name)} t`
    if (rows.some(({ row }) => row.includes(uid) || row.includes(number))) found.push(table_name)
  }
  return found.sort()
}

/** What limits the codes to a number: it goes within two days, whatever becomes of an account. */
const limits = ['code_waits', 'send_decisions']

test('everything of a deleted user is gone at once, and the grants end at their platforms', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere({ userAgent: 'Phone/1.0' })
  await phone.logIn()
  await ada.connectGmail()
  await ada.start('twitter', 'oauth')
  const recovery = ada.elsewhere()
  await recovery.startRecovery()
  await recovery.sendCode()
  await phone.logIn('a wrong passphrase')
  expect(await traces(ada)).toEqual([
    'audit_events',
    'code_waits',
    'grants',
    'password_tries',
    'pending_authorizations',
    'recovery_slots',
    'send_decisions',
    'sessions',
    'users',
  ])

  const answer = await ada.deleteAccount()
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({})
  expect(ada.cookie).toBe('')
  expect(await traces(ada)).toEqual(['audit_events', ...limits, 'revocations'].sort())
  expect((await phone.dashboard()).status).toBe(401)
  expect((await recovery.sendCode()).status).toBe(401)

  expect(await world.runJobs()).toBe(1)
  expect((await ada.logIn()).status).toBe(401)
  expect((await ada.startRecovery()).status).toBe(401)
  await world.passTime(3 * 86_400)
  await purgeExpired(world.services)
  expect(await traces(ada)).toEqual(['audit_events'])
})

test('a platform that is down keeps nobody from leaving', async () => {
  const ada = await world.signedUpPerson()
  await ada.connectGmail({ account: 'bola@example.com' })
  world.sandbox.google.failNext('/oauth2/revoke', { status: 500 })
  expect((await ada.deleteAccount()).status).toBe(200)
  await world.runJobs()
  expect(await world.sql`select user_id, attempts from revocations`).toEqual([{ user_id: ada.uid, attempts: 1 }])
  await world.passTime(3600)
  await world.runJobs()
  expect(await world.sql`select 1 from revocations`).toEqual([])
})

test('a wrong password is refused with 403 and nothing is deleted', async () => {
  const ada = await world.signedUpPerson()
  expect((await ada.deleteAccount('a wrong passphrase')).status).toBe(403)
  expect((await ada.dashboard()).status).toBe(200)
})

test("nobody deletes another's account, nor without being signed in", async () => {
  const [ada, mallory] = [await world.signedUpPerson(), await world.signedUpPerson()]
  expect((await mallory.send('DELETE', `/v2/users/${ada.uid}`, { password: ada.password })).status).toBe(401)
  const recovery = await ada.recovering()
  expect((await recovery.deleteAccount()).status).toBe(401)
  expect((await ada.dashboard()).status).toBe(200)
})

test('of two parallel deletions one is done', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere()
  await phone.logIn()
  const counts = await countStatuses([ada.deleteAccount(), phone.deleteAccount()])
  expect(counts[200]).toBe(1)
  expect((counts[401] ?? 0) + (counts[403] ?? 0)).toBe(1)
  expect(await traces(ada)).toEqual(['audit_events', 'send_decisions'])
})

test('the number of a deleted account can sign up again, as somebody new', async () => {
  const ada = await world.signedUpPerson()
  const { uid } = ada
  await ada.deleteAccount()
  await ada.letWaitsPass()
  await ada.signUp()
  expect((await ada.logIn()).status).toBe(200)
  expect(ada.uid).not.toBe(uid)
  expect(await ada.savedPlatforms()).toEqual([])
})
