import { beforeEach, expect, test } from 'vitest'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { watchCodes } from '../../src/maintenance/watch-codes.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

/** Codes sent so many seconds ago. */
async function sent(ago: number, { entered, failed }: { entered: number; failed: number }): Promise<void> {
  await world.sql`
    insert into send_decisions (country, network, phone_number_index, outcome, created_at, verified_at)
    select 'NG', '203.0.113.0/24', 'n' || n, 'allowed', now() - make_interval(secs => ${ago}),
      case when n <= ${entered} then now() end
    from generate_series(1, ${entered + failed}::int) as n`
}

const alarms = () => world.logged.filter((line) => JSON.parse(line).level === 'error')

beforeEach(async () => {
  await world.sql`delete from send_decisions`
  await world.sql`delete from alarms`
  world.logged.length = 0
})

test('an alarm tells, once an hour over all instances, that codes fail more often than usual', async () => {
  await sent(3 * 86_400, { entered: 80, failed: 20 })
  await sent(1200, { entered: 5, failed: 35 })
  const raised = await Promise.all(Array.from({ length: 8 }, () => watchCodes(world.services)))
  expect(raised.filter(Boolean)).toHaveLength(1)
  expect(alarms().map((line) => JSON.parse(line))).toEqual([
    {
      level: 'error',
      message: expect.stringContaining('far fewer codes are entered than usual'),
      sent: 40,
      neverEntered: 35,
      usualShare: 0.2,
      mostFrequentCountry: 'NG',
      mostFrequentNetwork: '203.0.113.0/24',
    },
  ])
  await world.passTime(1800)
  expect(await watchCodes(world.services)).toBe(false)
  await world.passTime(1900)
  await sent(1200, { entered: 0, failed: 20 })
  expect(await watchCodes(world.services)).toBe(true)
  expect(await purgeExpired(world.services)).toBe(0)
})

test.each([
  ['few codes', [1200, { entered: 0, failed: 19 }]],
  ['an ordinary hour', [1200, { entered: 60, failed: 40 }]],
  ['codes that may still be entered', [300, { entered: 0, failed: 100 }]],
  ['what is long past', [5000, { entered: 0, failed: 100 }]],
] as const)('%s raise no alarm', async (_, [ago, codes]) => {
  await sent(ago, codes)
  expect(await watchCodes(world.services)).toBe(false)
  expect(alarms()).toEqual([])
})

test('where half of the codes always fail, half is no alarm, and nine in ten is', async () => {
  await sent(3 * 86_400, { entered: 35, failed: 65 })
  await sent(1200, { entered: 20, failed: 40 })
  expect(await watchCodes(world.services)).toBe(false)
  await sent(1200, { entered: 0, failed: 200 })
  expect(await watchCodes(world.services)).toBe(true)
})
