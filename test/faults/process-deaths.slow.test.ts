import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkUsers } from './check-users.ts'
import { type Instance, openFaultWorld } from './fault-world.ts'
import { report, rounds } from './report.ts'
import { shareOut } from './share-out.ts'
import { openJournal, simulateUntil } from './simulate-users.ts'

const world = await openFaultWorld()
const timeout = 900_000
const patient = { timeout: 60_000, interval: 5 }

test('a server that is killed while people use it loses nothing that it acknowledged', { timeout }, async () => {
  const journal = openJournal()
  const recoveries: number[] = []
  const times = rounds(50, 3)
  for (let round = 0; round < times; round++) {
    const began = Date.now()
    const server = await world.start()
    recoveries.push(Date.now() - began)
    const stop = new AbortController()
    const usersBefore = journal.users.length
    const living = simulateUntil(world, journal, server, { signal: stop.signal })
    await sleep(700 + 600 * Math.random())
    await expect.poll(() => journal.users.length - usersBefore, patient).toBeGreaterThan(1)
    await server.end('SIGKILL')
    stop.abort()
    await living
  }
  const verdict = await checkUsers(world, journal)
  expect(verdict).toMatchObject({ lost: [], halfDone: [] })
  expect(journal.users.length).toBeGreaterThan(times)
  // The next start ends what was on its way at the platform.
  const last = await world.start()
  await expect.poll(() => world.sql`select from revocations`, patient).toHaveLength(0)
  const revoked = journal.users.reduce((sum, { revocations }) => sum + revocations, 0)
  expect(world.timesRevoked()).toBeGreaterThanOrEqual(revoked)
  expect(await last.end('SIGTERM')).toBe(0)
  report('kill -9 of the server under load', journal, verdict, { recoveries })
})

test('a server that is told to stop while people use it fails no request: the other takes over', {
  timeout,
}, async () => {
  const journal = openJournal()
  const times = rounds(20, 2)
  // However busy the machine: nothing but the end of a process may fail a request here, and the load balancer hears of it in time.
  const start = () => world.start({ SHUTDOWN_DELAY: '5', DATABASE_TIMEOUT: '60', PLATFORM_TIMEOUT: '60' })
  const instances: Instance[] = [await start(), await start()]
  const proxy = await shareOut(() => instances.map(({ port }) => port))
  const allReady = () => instances.every(({ port }) => proxy.isReady(port))
  await expect.poll(allReady, patient).toBe(true)
  const stop = new AbortController()
  const living = simulateUntil(world, journal, proxy, { signal: stop.signal })
  for (let round = 0; round < times; round++) {
    await sleep(400)
    await expect.poll(() => journal.acknowledged, patient).toBeGreaterThan(20 * (round + 1))
    expect(await instances[0]?.end('SIGTERM')).toBe(0)
    instances.shift()
    instances.push(await start())
    await expect.poll(allReady, patient).toBe(true)
  }
  stop.abort()
  await living
  await proxy.close()
  for (const instance of instances) expect(await instance.end('SIGTERM')).toBe(0)
  const verdict = await checkUsers(world, journal)
  expect(verdict).toMatchObject({ lost: [], halfDone: [] })
  expect([journal.broken, [...journal.refused], journal.users.flatMap(({ inDoubt }) => inDoubt ?? [])]).toEqual([
    0,
    [],
    [],
  ])
  report('SIGTERM under load, two instances', journal, verdict, { rounds: times })
})
