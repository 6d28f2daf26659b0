import { beforeAll, expect, test } from 'vitest'
import { checkReadiness } from '../../src/maintenance/check-readiness.ts'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { watchCodes } from '../../src/maintenance/watch-codes.ts'
import { watchSends } from '../../src/maintenance/watch-sends.ts'
import { fillTables } from '../support/fill-tables.ts'
import { findScans } from '../support/find-scans.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { walkOperations, walkRefusals } from '../support/walk-operations.ts'
import { openWorld } from '../support/world.ts'

/** Enough for Postgres to prefer an index where there is one. */
const rows = 20_000
const statements = new Set<string>()
const world = await openWorld({
  sandbox: true,
  services: { passwords: plainPasswords },
  onStatement: (text) => statements.add(text),
})

beforeAll(async () => {
  await walkOperations(world.person(), (_, action) => action())
  await walkRefusals(world.person)
  const known = world.person()
  await known.signUp()
  const hidden = known.elsewhere()
  world.services.settings.hideAccounts = true
  await hidden.startRecovery()
  // The second from a reserve.
  for (const _ of [1, 2]) await hidden.sendCode()
  world.services.settings.hideAccounts = false
  await world.runJobs()
  await watchSends(world.services)
  await purgeExpired(world.services)
  await watchCodes(world.services)
  await checkReadiness(world.services)
  await fillTables(world.sql, { users: rows, sessions: rows, grants: rows, others: rows })
})

test('every statement finds its rows by an index', async () => {
  expect(statements.size).toBeGreaterThan(60)
  expect(await findScans(world.sql, statements)).toEqual([])
})

test('a table that is read whole is seen', async () => {
  const scans = [
    ['sessions', 'select count(*) from sessions where expires_at < now()'],
    ['users', 'update users set name_sealed = null where name_sealed = $1'],
    ['grants', 'select id from grants order by id'],
    ['users', 'select id from users where name_sealed is not null order by id limit 5'],
    ['codes', 'with gone as (delete from codes where tries = $1 returning 1) select count(*) from gone'],
  ].map(([table, statement = '']) => ({ table, statement }))
  const found = [
    'delete from sessions where id_hash = $1',
    'select from users where id in ($1, $2)',
    'select id from users order by id limit 5',
    'select count(*) from send_decisions where alarmed_at is not null',
  ]
  expect(await findScans(world.sql, [...found, ...scans.map(({ statement }) => statement)])).toEqual(scans)
})

test('what refers to a row that goes is found by an index', async () => {
  const unindexed = await world.sql`
    select conname from pg_constraint
    where contype = 'f' and not exists (select from pg_index where indrelid = conrelid and indkey[0] = conkey[1])`
  expect(unindexed).toEqual([])
})
