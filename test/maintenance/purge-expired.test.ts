import { expect, test } from 'vitest'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true })
const tables = [
  'users',
  'signups',
  'sessions',
  'codes',
  'code_waits',
  'password_tries',
  'send_decisions',
  'pending_authorizations',
  'grants',
] as const

async function counts(): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const table of tables) {
    const [row] = await world.sql`select count(*)::int as rows from ${world.sql(table)}`
    counted[table] = row?.rows
  }
  return counted
}

test('what has expired goes, in batches; people and their grants stay', async () => {
  const ada = await world.signedUpPerson()
  await ada.connectGmail()
  await ada.start('gmail', 'oauth2')
  const unfinished = world.person()
  await unfinished.startSignUp()
  await unfinished.sendCode()
  await world.person().logIn('wrong')
  await world.sql`
    insert into sessions (id_hash, user_id, purpose, user_agent_hash, created_at, expires_at)
    select 'old ' || n, gen_random_uuid(), 'login', '', now() - interval '1 day 1 minute', now() from generate_series(1, 2500) as n`

  const before = await counts()
  expect(before).toMatchObject({
    users: 1,
    signups: 1,
    sessions: 2502,
    codes: 1,
    code_waits: 1,
    password_tries: 3,
    send_decisions: 2,
    pending_authorizations: 1,
  })
  expect(await purgeExpired(world.services)).toBe(2500)
  expect(await counts()).toEqual({ ...before, sessions: 2 })

  // Whence people sign in is known for 30 days, what was sent for 15.
  await world.passTime(3 * 86_400)
  await purgeExpired(world.services)
  expect(await counts()).toMatchObject({ password_tries: 1, send_decisions: 2 })
  await world.passTime(13 * 86_400)
  await purgeExpired(world.services)
  expect(await counts()).toMatchObject({ password_tries: 1, send_decisions: 0 })
  await world.passTime(15 * 86_400)
  await purgeExpired(world.services)
  expect(await counts()).toEqual({
    users: 1,
    signups: 0,
    sessions: 0,
    codes: 0,
    code_waits: 0,
    password_tries: 0,
    send_decisions: 0,
    pending_authorizations: 0,
    grants: 1,
  })
})
