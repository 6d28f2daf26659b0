import { beforeEach, expect, test } from 'vitest'
import { watchSends } from '../../src/maintenance/watch-sends.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ env: { SMS_NETWORK_DAILY_TOTAL: '200', SMS_SHARE: '80' } })

type Codes = { number?: string; network?: string; country?: string; entered?: boolean }

/** Codes sent so many minutes ago, by default each to a number, network and country of its own. */
async function sent(minutes: number, count: number, { number, network, country, entered = true }: Codes = {}) {
  await world.sql`
    insert into send_decisions (country, network, phone_number_index, outcome, created_at, verified_at)
    select coalesce(${country ?? null}, 'C' || n % 20), coalesce(${network ?? null}, 'net ' || n),
      coalesce(${number ?? null}, 'n' || n), 'allowed', now() - make_interval(mins => ${minutes}),
      case when ${entered} then now() end
    from generate_series(1, ${count}::int) as n`
}

const alarms = () => world.logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error')

beforeEach(async () => {
  await world.sql`delete from send_decisions`
  await world.sql`delete from alarms`
  world.logged.length = 0
})

test('an alarm tells, once an hour over all instances, that one SIM is sent codes and enters them', async () => {
  await sent(90, 2, { number: 'sim', network: '203.0.113.0/24', country: 'NG' })
  await sent(30, 6, { number: 'sim', network: '203.0.113.0/24', country: 'NG' })
  const raised = await Promise.all(Array.from({ length: 8 }, () => watchSends(world.services)))
  expect(raised.filter(Boolean)).toHaveLength(1)
  expect(alarms()).toEqual([
    {
      level: 'error',
      message: expect.stringContaining('far more codes are sent than usual'),
      reasons: ['SMS_NUMBER_DAILY'],
      sentThisHour: 6,
      sentToday: 8,
      usuallyAnHour: 0.1,
      mostFrequentCountry: 'NG',
      mostFrequentNetwork: '203.0.113.0/24',
    },
  ])
  await world.passTime(3601)
  expect(await watchSends(world.services)).toBe(true)
})

test.each([
  ['five times the usual hour', 'surge', () => sent(10 * 24 * 60, 24 * 10 * 4).then(() => sent(30, 60))],
  ['a first hour of many', 'surge', () => sent(30, 60)],
  ['most of the hour', 'SMS_HOURLY', () => sent(30, 400)],
  ['most of the day', 'SMS_DAILY', () => sent(600, 1600)],
  ['a network that enters none', 'SMS_NETWORK_DAILY', () => sent(600, 40, { network: 'one', entered: false })],
  ['a network that enters all', 'SMS_NETWORK_DAILY_TOTAL', () => sent(600, 160, { network: 'one' })],
  ['a country', 'SMS_SHARE', () => sent(600, 1280, { country: 'CM' })],
])('%s raises the alarm for %s', async (_, reason, send) => {
  await send()
  expect(await watchSends(world.services)).toBe(true)
  expect(alarms()[0].reasons).toContain(reason)
})

test.each([
  ['a few codes', () => sent(30, 19)],
  ['an hour like any other', () => sent(5 * 24 * 60, 24 * 5 * 30).then(() => sent(30, 60))],
  ['a busy day', () => sent(600, 1000)],
])('%s raises none', async (_, send) => {
  await send()
  expect(await watchSends(world.services)).toBe(false)
  expect(alarms()).toEqual([])
})
