import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openTcpProxy } from '../support/tcp-proxy.ts'
import { type Instance, openFaultWorld } from './fault-world.ts'
import { report, rounds } from './report.ts'
import { simulateUsers } from './simulate.ts'

const world = await openFaultWorld()
const timeout = 900_000

test('a Postgres that is restarted at once, under load, loses nothing that was acknowledged', { timeout }, async () => {
  const server = await world.start()
  const people = simulateUsers(world, server)
  const recoveries: number[] = []
  for (let round = 0; round < rounds(10, 2); round++) {
    await sleep(1000)
    const before = await world.postmaster()
    // As `pg_ctl -m immediate` does: nothing is written down, the next start recovers.
    process.kill(before, 'SIGQUIT')
    await expect.poll(() => isBackSince(before), { timeout: 60_000, interval: 5 }).toBe(true)
    recoveries.push(await people.recovered(Date.now()))
  }
  const verdict = await people.end()
  expect(await server.end('SIGTERM')).toBe(0)
  report('Postgres restarted (immediate) under load', people.journal, verdict, { recoveries })

  async function isBackSince(before: number) {
    try {
      return (await world.postmaster()) !== before && (await world.sql`select 1`).length === 1
    } catch {
      return false
    }
  }
})

test('while Postgres hangs every request is answered 503, and service is back when it is', { timeout }, async () => {
  const server = await world.start()
  const people = simulateUsers(world, server)
  const recoveries: number[] = []
  for (let round = 0; round < rounds(5, 1); round++) {
    await sleep(1000)
    const frozen = await processesOf(await world.postmaster())
    for (const pid of frozen) process.kill(pid, 'SIGSTOP')
    try {
      const ended = await Promise.all(
        Array.from({ length: 20 }, () =>
          fetch(`${server.url}/v2/recovery`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'User-Agent': 'Test/1.0' },
            body: JSON.stringify({ phone_number: '+237670000000' }),
          }).then(({ status, headers }) => [status, headers.get('Retry-After')]),
        ),
      )
      expect(new Set(ended.map(String))).toEqual(new Set(['503,2']))
      const { status, body } = await ready(server)
      expect([status, body.checks.database]).toEqual([503, 'failing'])
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      await sleep(rounds(10_000, 3000))
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGCONT')
    }
    recoveries.push(await people.recovered(Date.now()))
  }
  const verdict = await people.end()
  expect(await server.end('SIGTERM')).toBe(0)
  report('Postgres hung (SIGSTOP)', people.journal, verdict, { recoveries })
})

test('connections to Postgres that break at any moment lose nothing that was acknowledged', { timeout }, async () => {
  const { proxy, people, end } = await simulateBehindProxy()
  const recoveries: number[] = []
  for (let round = 0; round < rounds(200, 10); round++) {
    await sleep(50 + 250 * Math.random())
    proxy.reset()
    recoveries.push(await people.recovered(Date.now()))
  }
  const verdict = await end()
  report('all connections to Postgres reset', people.journal, verdict, { recoveries })
})

test('a network that swallows everything is noticed, and left when it carries again', { timeout }, async () => {
  const { proxy, people, end } = await simulateBehindProxy()
  const recoveries: number[] = []
  for (let round = 0; round < rounds(10, 1); round++) {
    await sleep(1000)
    proxy.fallSilent()
    await sleep(4000)
    proxy.comeBack()
    recoveries.push(await people.recovered(Date.now()))
  }
  const verdict = await end()
  report('a network that carries nothing for 4 s', people.journal, verdict, { recoveries })
})

test('when all connections wait for a lock, what needs one is refused in time, the rest is served', {
  timeout,
}, async () => {
  const server = await world.start({ DATABASE_POOL: '3' })
  const people = simulateUsers(world, server)
  await expect.poll(() => people.journal.users.length, { timeout: 60_000 }).toBeGreaterThan(2)
  const recoveries: number[] = []
  for (let round = 0; round < rounds(5, 1); round++) {
    await holdTables(async () => {
      const refusedBefore = people.journal.refused.get(503) ?? 0
      await expect.poll(() => people.journal.refused.get(503), { timeout: 60_000 }).toBeGreaterThan(refusedBefore + 8)
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      expect((await fetch(`${server.url}/v2/openapi.json`)).status).toBe(200)
    })
    recoveries.push(await people.recovered(Date.now()))
  }
  const verdict = await people.end()
  expect(await server.end('SIGTERM')).toBe(0)
  report('every connection of the pool taken', people.journal, verdict, { recoveries })
})

/** Keeps everybody else out of these tables during `work`. Gives up and tries again before Postgres would take it for half of a deadlock. */
async function holdTables(work: () => Promise<void>): Promise<void> {
  const isHeldUp = (error: unknown) => error instanceof Error && 'code' in error && error.code === '55P03'
  for (let isDone = false; !isDone; )
    isDone = await world.sql
      .begin(async (tx) => {
        await tx`set local lock_timeout = '200ms'`
        await tx`lock table users, sessions in access exclusive mode`
        await work()
        return true
      })
      .catch((error: unknown) => {
        if (isHeldUp(error)) return false
        throw error
      })
}

/** People at a server whose way to Postgres can be disturbed. */
async function simulateBehindProxy() {
  const url = new URL(world.databaseUrl)
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const server = await world.start({ DATABASE_URL: url.href })
  const people = simulateUsers(world, server)
  const end = async () => {
    const verdict = await people.end()
    expect(await server.end('SIGTERM')).toBe(0)
    await proxy.close()
    return verdict
  }
  return { proxy, people, end }
}

async function ready({ url }: Instance) {
  const answer = await fetch(`${url}/readyz`)
  return { status: answer.status, body: (await answer.json()) as { checks: Record<string, string> } }
}

/** The postmaster and all that it has started. */
async function processesOf(postmaster: number): Promise<number[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = await Promise.all(
    all.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return { pid: Number(pid), parent: Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]) }
    }),
  )
  return [postmaster, ...parents.filter(({ parent }) => parent === postmaster).map(({ pid }) => pid)]
}
