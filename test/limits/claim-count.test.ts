import { expect, test } from 'vitest'
import { claimCount, returnCount } from '../../src/limits/claim-count.ts'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()
const { services } = world
const quota = { hourly: 3, daily: 5 }
const claim = (key: string) => claimCount(services, { name: 'tests', key }, quota)

async function rowsOf(key: string): Promise<number> {
  const [row] = await world.sql`select count(*)::int as rows from limit_counts where name = 'tests' and key = ${key}`
  return row?.rows
}

test('of parallel claims as many succeed as are left, each key by itself', async () => {
  const claims = await Promise.all(Array.from({ length: 20 }, () => claim('one')))
  expect(claims.filter((seconds) => seconds === 0)).toHaveLength(3)
  for (const seconds of claims.filter((seconds) => seconds > 0)) {
    expect(seconds).toBeGreaterThan(3500)
    expect(seconds).toBeLessThanOrEqual(3600)
  }
  expect(await rowsOf('one')).toBe(1)
  expect(await claim('two')).toBe(0)
})

test('an hour later more is left, until the day is used up', async () => {
  for (let use = 0; use < 3; use++) expect(await claim('three')).toBe(0)
  await world.passTime(3601)
  expect([await claim('three'), await claim('three')]).toEqual([0, 0])
  const seconds = await claim('three')
  expect(seconds).toBeGreaterThan(3600)
  expect(seconds).toBeLessThanOrEqual(86_400 - 3601)
  await world.passTime(86_400 - 3600)
  expect(await claim('three')).toBe(0)
})

test('what is taken back may be used again, and the last leaves no row', async () => {
  for (let use = 0; use < 3; use++) await claim('four')
  await returnCount(services, { name: 'tests', key: 'four' })
  expect(await claim('four')).toBe(0)
  expect(await claim('four')).toBeGreaterThan(0)
  for (let use = 0; use < 3; use++) await returnCount(services, { name: 'tests', key: 'four' })
  expect(await rowsOf('four')).toBe(0)
})

test('a count goes when its day is over', async () => {
  await claim('five')
  await purgeExpired(services)
  expect(await rowsOf('five')).toBe(1)
  await world.passTime(86_401)
  await purgeExpired(services)
  expect(await rowsOf('five')).toBe(0)
})
