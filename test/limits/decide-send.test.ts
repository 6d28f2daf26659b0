import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { findSpent } from '../../src/limits/send-budgets.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

type Plan = { 'Actual Rows': number; 'Actual Loops': number; 'Rows Removed by Filter'?: number; Plans?: Plan[] }

const rowsRead = (plan: Plan): number =>
  (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] +
  (plan.Plans ?? []).reduce((sum, below) => sum + rowsRead(below), 0)

test('what was denied, as the version before wrote it down, is not read to decide about a send', async () => {
  await world.sql`
    insert into send_decisions (created_at, country, network, phone_number_index, outcome, reason)
    select now() - interval '1 day' * (n / 300000.0), 'CM', '198.51.100.0/24', 'denied ' || n, 'denied', 'wait'
    from generate_series(1, 300000) as n`
  await world.sql`
    insert into send_decisions (created_at, country, network, phone_number_index, outcome)
    select now() - interval '1 day' * (n / 20.0), 'CM', '198.51.100.0/24', 'sent', 'allowed' from generate_series(1, 20) as n`
  await world.sql`analyze send_decisions`
  const send = { hashes: ['sent'], country: 'CM', network: '198.51.100.0/24' }
  const query = new PgDialect().sqlToQuery(findSpent(world.services.settings, send, { learnt: sql`7::int` }))
  const [row] = await world.sql.unsafe(`explain (analyze, format json) ${query.sql}`, query.params as string[])
  expect(rowsRead(row?.['QUERY PLAN'][0].Plan)).toBeLessThan(400)
})

test('a flood of requests that are denied waits for no lock, and takes none', async () => {
  const ada = world.person()
  await ada.startSignUp()
  expect((await ada.sendCode()).status).toBe(201)
  await world.sql.begin(async (tx) => {
    // As a slow instance would hold it, in the middle of a decision.
    await tx`select pg_advisory_xact_lock(8437110926)`
    for (let request = 0; request < 20; request++) expect((await ada.sendCode()).status).toBe(429)
  })
})
