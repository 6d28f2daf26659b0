import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { watchCodes } from '../../src/maintenance/watch-codes.ts'
import { readStored, type Stored, showStored } from '../../src/telemetry/metrics/gauges.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { openWorld } from '../support/world.ts'
import { readMetrics } from './read-metrics.ts'
import { openMetricsOf } from './watched-world.ts'

const world = await openWorld()
const { db } = world.services
const { sql } = world

const nothing: Stored = {
  ...{ due: 0, waiting: 0, held: 0, dead: 0, oldestDueAge: 0 },
  ...{ passwordBlocks: 0, lockWaits: 0, isCodeAlarmOn: false, isSendAlarmOn: false },
}

test('an empty database has none of anything', async () => {
  expect(await readStored(db)).toEqual(nothing)
})

test('revocations are due, wait, are held, or were given up; the oldest that is due tells for how long', async () => {
  await sql`
    insert into revocations (id, user_id, platform, protocol, grant_sealed, next_attempt_at, held_until, dead_at)
    select gen_random_uuid(), gen_random_uuid(), 'gmail', 'oauth2', 'sealed', now() + next, now() + held, now() + dead
    from (values ('-10 minutes'::interval, null::interval, null::interval), ('-1 hour', null, null),
      ('-1 minute', '-1 minute', null), ('15 seconds', '15 seconds', null), ('-2 hours', '15 seconds', null),
      ('1 hour', null, null), ('-1 day', null, '-1 hour')) as row (next, held, dead)`
  const stored = await readStored(db)
  expect(stored).toMatchObject({ due: 3, held: 2, waiting: 1, dead: 1 })
  expect(stored.oldestDueAge).toBeGreaterThanOrEqual(3600)
  expect(stored.oldestDueAge).toBeLessThan(7200)
})

test('blocks count while they are in force', async () => {
  const grace = await world.signedUpPerson()
  for (let attempt = 0; attempt < 5; attempt++) await grace.logIn('wrong')
  expect((await readStored(db)).passwordBlocks).toBe(1)
  await world.passTime(1000)
  expect((await readStored(db)).passwordBlocks).toBe(0)
})

test('the alarm about codes is on for as long as it is raised anew', async () => {
  await sql`
    insert into send_decisions (country, network, phone_number_index, outcome, created_at)
    select 'NG', '203.0.113.0/24', 'n' || n, 'allowed', now() - interval '20 minutes' from generate_series(1, 40) as n`
  await watchCodes(world.services)
  expect((await readStored(db)).isCodeAlarmOn).toBe(true)
  await world.passTime(4300)
  expect((await readStored(db)).isCodeAlarmOn).toBe(true)
  await world.passTime(300)
  expect((await readStored(db)).isCodeAlarmOn).toBe(false)
})

test('who waits for a lock is seen', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const holder = sql.begin(async (tx) => {
    await tx`lock table signups`
    await held
  })
  await expect.poll(() => sql`select from pg_locks where relation = 'signups'::regclass and granted`).toHaveLength(1)
  const waiting = sql`select count(*) from signups`.execute()
  await expect.poll(async () => (await readStored(db)).lockWaits).toBe(1)
  letGo()
  await Promise.all([holder, waiting])
  expect((await readStored(db)).lockWaits).toBe(0)
})

test('however often they are looked at, the database is asked once in a while', async () => {
  const registry = new Registry()
  let asked = 0
  const refresh = showStored(registry, async () => {
    asked++
    return { ...nothing, dead: 3 }
  })
  await Promise.all(Array.from({ length: 20 }, refresh))
  await refresh()
  expect(asked).toBe(1)
  expect(readMetrics(await registry.metrics()).byLabels('swob_revocations')).toEqual({
    ...{ due: 0, waiting: 0, held: 0, dead: 3 },
  })
})

test.each(['is not there', 'says nothing'])(
  'while the database %s, all else is shown and it is said so',
  async (how) => {
    const url = new URL(await cloneDatabase())
    const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
    url.port = String(proxy.port)
    const metrics = openMetricsOf(url.href)
    if (how === 'says nothing') {
      proxy.fallSilent()
      onTestFinished(proxy.close)
    } else await proxy.close()
    const { samples, value } = readMetrics(await metrics.render())
    expect(value('swob_database_up')).toBe(0)
    expect(value('swob_build_info')).toBe(1)
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
    const stored = [
      'revocations',
      'revocation_oldest_due_seconds',
      'password_blocks',
      'database_lock_waits',
      'code_alarm',
      'send_alarm',
    ]
    expect(samples.filter(({ name }) => stored.includes(name.replace('swob_', '')))).toEqual([])
  },
)
