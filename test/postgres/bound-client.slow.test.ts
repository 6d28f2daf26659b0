import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, expect, test } from 'vitest'
import { pipelineDepth } from '../../src/postgres/client/bound-client.ts'
import { withDatabaseBudget } from '../../src/postgres/client/deadline.ts'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { isUnreachable } from '../../src/postgres/errors.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

const closers: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

async function open({ connections = 2, timeout = 60_000, broken = [] as number[] } = {}) {
  const url = new URL(await cloneDatabase())
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const bounds = { connections, timeout, prepare: true, keepsSockets: true }
  const { client, pool, close } = openClient(url.href, { ...bounds, onBroken: (count) => broken.push(count) })
  closers.push(proxy.close, close)
  return { db: openDatabase(client), pool, proxy, url }
}

/** What a request learns of it. */
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (isUnreachable(error) ? 'unavailable' : String(error)),
  )

const one = sql`select 1 as one`
const sleep = (seconds: number) => sql`select pg_sleep(${seconds})`

test('a statement that finds every connection taken is refused in time, and leaves the queue', async () => {
  const { db, pool, url } = await open()
  const max = 2 * pipelineDepth
  const holder = postgres(url.href, { max: 1 })
  closers.push(() => holder.end())
  await holder`select pg_advisory_lock(1)`
  const long = Promise.all(Array.from({ length: max }, () => db.execute(sql`select pg_advisory_xact_lock_shared(1)`)))
  await expect.poll(pool).toMatchObject({ inUse: max })
  const refused = withDatabaseBudget(1000, () => [
    outcome(db.execute(one)),
    outcome(db.transaction((tx) => tx.execute(one))),
  ])
  await expect.poll(pool, { interval: 1 }).toMatchObject({ max, inUse: max, waiting: 2 })
  expect(await Promise.all(refused)).toEqual(['unavailable', 'unavailable'])
  expect(pool()).toMatchObject({ waiting: 0 })
  await holder`select pg_advisory_unlock(1)`
  await long
  expect(await outcome(db.execute(one))).toBe('done')
  expect(pool()).toMatchObject({ max, inUse: 0, waiting: 0 })
})

test('while an open connection is free no statement waits for another to be opened', async () => {
  const { db, pool, url, proxy } = await open()
  await Promise.all([db.execute(sleep(0.1)), db.execute(sleep(0.1))])
  const administrator = postgres(url.href, { max: 1 })
  const [ended] = await administrator`select pg_terminate_backend(min(pid)) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name like 'smswithoutborders%'`
  expect(ended).toEqual({ pg_terminate_backend: true })
  await administrator.end()
  await expect.poll(pool).toMatchObject({ open: 1 })
  await expect.poll(() => proxy.connections()).toBe(1)
  for (let count = 0; count < 8; count++) expect(await outcome(db.execute(one))).toBe('done')
  expect(proxy.connections()).toBe(1)
})

test.each(['new', 'used'])(
  'a statement that takes too long on a %s connection is cancelled, and the next is served',
  async (kind) => {
    const { db, pool } = await open({ connections: 1 })
    if (kind === 'used') await db.execute(one)
    expect(await outcome(withDatabaseBudget(10, async () => await db.execute(sleep(3600))))).toBe('unavailable')
    expect(await outcome(db.execute(one))).toBe('done')
    expect(pool().inUse).toBe(0)
  },
)

test('a statement that is late while it waits behind another on one connection leaves the answers to those after it', async () => {
  const { db } = await open({ connections: 1 })
  const say = (said: string) => db.execute(sql`select ${said}::text as said`)
  // Prepared, so that they are sent one after the other without waiting.
  await db.execute(sleep(0))
  await say('before')
  const ahead = db.execute(sleep(0.5)).then(() => undefined)
  const late = withDatabaseBudget(50, async () => outcome(say('late')))
  const after = Promise.all(['one', 'two'].map(async (said) => await say(said)))
  expect(await late).toBe('unavailable')
  await ahead
  expect((await after).map(([row]) => row?.said)).toEqual(['one', 'two'])
})

test('a transaction whose statement takes too long changes nothing', async () => {
  const { db } = await open({ connections: 1 })
  await db.execute(sql`create table kept (value int)`)
  const late = withDatabaseBudget(200, () =>
    db.transaction(async (tx) => {
      await tx.execute(sql`insert into kept values (1)`)
      await tx.execute(sleep(30))
    }),
  )
  expect(await outcome(late)).toBe('unavailable')
  expect(await db.execute(sql`select * from kept`)).toEqual([])
})

test.each([
  { what: 'whose statement is late', asks: true, expected: 'unavailable' },
  { what: 'that is refused', asks: false, expected: 'Error: refused' },
])('a transaction $what is over, though a silent database never says that it undid it', async ({ asks, expected }) => {
  const broken: number[] = []
  const { db, proxy } = await open({ connections: 1, broken })
  const undone = withDatabaseBudget(2000, () =>
    db.transaction(async (tx) => {
      await tx.execute(one)
      proxy.fallSilent()
      if (asks) await tx.execute(one)
      throw new Error('refused')
    }),
  )
  expect(await outcome(undone)).toBe(expected)
  expect(broken).toEqual([])
})

test('a transaction that is committed is done, whatever the database says or leaves unsaid after that', async () => {
  const { db, proxy } = await open({ connections: 1 })
  const done = db.transaction(async (tx) => {
    await tx.execute(sql`create table kept (value int)`)
    proxy.fallSilentAfter('COMMIT')
  })
  expect(await outcome(done)).toBe('done')
})

test('the statements of one request share its time', async () => {
  const { db } = await open()
  const action = withDatabaseBudget(500, async () => {
    await db.execute(sleep(0.3))
    await db.execute(sleep(0.3))
  })
  expect(await outcome(action)).toBe('unavailable')
})

test('when time is up, what a request still tries fails at once', async () => {
  const { db } = await open()
  const outcomes = await withDatabaseBudget(100, async () => [
    await outcome(db.execute(sleep(30))),
    await outcome(db.execute(sleep(30))),
    await outcome(db.transaction((tx) => tx.execute(sleep(30)))),
  ])
  expect(outcomes).toEqual(['unavailable', 'unavailable', 'unavailable'])
})

test('a database that falls silent is left, and found again when it is back', async () => {
  const broken: number[] = []
  const { db, pool, proxy } = await open({ timeout: 100, broken })
  // To connect may take longer on a busy machine.
  await withDatabaseBudget(20_000, () => Promise.all([db.execute(one).execute(), db.execute(one).execute()]))
  proxy.fallSilent()
  const asked = [
    ...Array.from({ length: 20 }, () => outcome(db.execute(one))),
    outcome(db.transaction((tx) => tx.execute(one))),
  ]
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['unavailable']))
  await expect.poll(() => broken.length).toBeGreaterThan(0)
  proxy.comeBack()
  await expect.poll(() => outcome(db.execute(one))).toBe('done')
  await expect.poll(pool).toMatchObject({ inUse: 0, waiting: 0 })
})

test('broken connections are opened anew', async () => {
  const { db, pool, proxy } = await open()
  const asked = [outcome(db.execute(sleep(5))), outcome(db.transaction((tx) => tx.execute(sleep(5))))]
  await expect.poll(() => proxy.connections()).toBe(2)
  proxy.reset()
  expect(await Promise.all(asked)).toEqual(['unavailable', 'unavailable'])
  await expect.poll(() => outcome(db.execute(one))).toBe('done')
  expect(pool().inUse).toBe(0)
})

test('a statement that Postgres refuses is no outage', async () => {
  const { db, pool } = await open()
  expect(await outcome(db.execute(sql`select no_such_column`))).toContain('Failed query')
  expect(await outcome(db.execute(one))).toBe('done')
  expect(pool().inUse).toBe(0)
})
