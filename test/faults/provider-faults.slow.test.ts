import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { MastodonFault } from '../../src/sandbox/mastodon.ts'
import { openFaultWorld } from './fault-world.ts'
import { report, rounds } from './report.ts'
import { simulateUsers } from './simulate.ts'

const world = await openFaultWorld()
const timeout = 900_000

const paths = ['/oauth/token', '/api/v1/accounts/verify_credentials', '/oauth/revoke']
const faults: readonly MastodonFault[] = ['hang', 'late', 'reset', 'garbage', { status: 500 }, { status: 503 }]

test('a platform that hangs, breaks off and fails leaves nothing half done, and is told of all that ended', {
  timeout,
}, async () => {
  const server = await world.start({ PLATFORM_TIMEOUT: '1' })
  const people = simulateUsers(world, server)
  const times = rounds(300, 20)
  for (let round = 0; round < times; round++) {
    await sleep(100)
    const path = paths[round % paths.length] ?? ''
    world.mastodon.failNext(path, faults[Math.floor(round / paths.length) % faults.length] ?? 'reset')
  }
  await expect.poll(() => people.journal.refused.get(503) ?? 0, { timeout: 60_000 }).toBeGreaterThan(0)
  const verdict = await people.end()
  // Their next try may be a while away.
  await world.sql`update revocations set next_attempt_at = now()`
  await expect
    .poll(
      async () => {
        await world.sql`update revocations set next_attempt_at = now() where held_until is null or held_until <= now()`
        return world.sql`select from revocations`
      },
      { timeout: 60_000 },
    )
    .toHaveLength(0)
  expect(await server.end('SIGTERM')).toBe(0)
  report('platform: hang, late, reset, garbage, 500', people.journal, verdict, { rounds: times })
})

test('while the SMS provider is down no code is promised, no wait is charged, and all else goes on', {
  timeout,
}, async () => {
  const server = await world.start()
  const people = simulateUsers(world, server)
  const recoveries: number[] = []
  for (let round = 0; round < rounds(10, 2); round++) {
    await sleep(1000)
    const refusedBefore = people.journal.refused.get(503) ?? 0
    world.sms.status = 500
    await expect.poll(() => people.journal.refused.get(503), { timeout: 60_000 }).toBeGreaterThan(refusedBefore + 4)
    const waiting = await world.sql`select from code_waits where sends > 0 and next_at > now() and not exists (
      select from send_decisions as sent where sent.phone_number_index = code_waits.phone_number_index and outcome = 'allowed')`
    world.sms.status = 204
    expect(waiting).toEqual([])
    recoveries.push(await people.recovered(Date.now()))
  }
  const verdict = await people.end()
  expect(await server.end('SIGTERM')).toBe(0)
  report('SMS provider down', people.journal, verdict, { recoveries })
})
