import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { pipelineDepth } from '../../src/postgres/client/bound-client.ts'
import { withDatabaseBudget } from '../../src/postgres/client/deadline.ts'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { isUnreachable } from '../../src/postgres/errors.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

type Setup = { connections?: number; timeout?: number; hosts?: (port: number) => string; parameters?: string }

/** A client of a database that is behind a proxy. */
async function open({ connections = 2, timeout = 60_000, hosts, parameters = '' }: Setup = {}) {
  const direct = new URL(await cloneDatabase())
  const proxy = await openTcpProxy({ host: direct.hostname, port: Number(direct.port) })
  const at = hosts?.(proxy.port) ?? `127.0.0.1:${proxy.port}`
  const url = `postgres://${direct.username}:${direct.password}@${at}${direct.pathname}?${parameters}`
  const { client, pool, close } = openClient(url, { connections, timeout, prepare: true, keepsSockets: true })
  const look = postgres(direct.href, { max: 1, onnotice: () => undefined })
  onTestFinished(async () => {
    await close()
    await look.end()
    await proxy.close()
  })
  return { db: openDatabase(client), pool, proxy, look, direct }
}

/** What a request learns of it. */
const outcome = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => 'done',
    (error: unknown) => (isUnreachable(error) ? 'unavailable' : String(error)),
  )

const one = sql`select 1 as one`
const sleep = (seconds: number) => sql`select pg_sleep(${seconds})`
const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`

/** Promises that were rejected and that nobody waits for: each would end a server. */
function watchRejections(): unknown[] {
  const rejections: unknown[] = []
  const note = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  onTestFinished(() => {
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
  })
  return rejections
}

/** What is done to a database while statements of every kind are under way. */
const faults: Record<string, (proxy: Awaited<ReturnType<typeof openTcpProxy>>) => unknown> = {
  'connections fall silent while its port refuses': (proxy) => {
    proxy.fallSilent()
    proxy.refuse()
  },
  'connections fall silent while its port takes connections and says nothing': (proxy) => {
    proxy.fallSilent()
    proxy.hold()
  },
  'connections break while its port refuses': (proxy) => {
    proxy.refuse()
    proxy.reset()
  },
  'connections break': (proxy) => proxy.reset(),
}

test.each(Object.entries(faults))(
  'when %s, what waits for it is unavailable, nothing is left unhandled, and it is found again',
  async (_, strike) => {
    const rejections = watchRejections()
    const { db, pool, proxy } = await open({ timeout: 300 })
    const patiently = <Result>(work: () => Result) => withDatabaseBudget(30_000, work)
    await patiently(() => Promise.all([db.execute(one).execute(), db.execute(one).execute()]))
    let isOver = false
    const outcomes = new Set<string>()
    async function ask(kind: number) {
      while (!isOver) {
        const actions = [
          () => db.execute(sql`select ${kind}::int`),
          () => db.execute(sleep(2)),
          () => db.transaction((tx) => tx.execute(sql`select ${kind}::int`)),
          () =>
            db.transaction(async (tx) => {
              await tx.execute(one)
              await tx.execute(sleep(2))
            }),
        ]
        const action = actions[kind % actions.length]
        if (action) outcomes.add(await outcome(action()))
        await new Promise(setImmediate)
      }
    }
    const asking = Array.from({ length: 8 }, (_, kind) => ask(kind))
    await expect.poll(() => outcomes.has('done')).toBe(true)
    outcomes.clear()
    await strike(proxy)
    await expect.poll(() => outcomes.has('unavailable')).toBe(true)
    // Until all that was under way then has failed, and been cancelled, and was tried again.
    await new Promise((resolve) => setTimeout(resolve, 3000))
    isOver = true
    await Promise.all(asking)
    proxy.release()
    proxy.comeBack()
    await proxy.listen().catch(() => undefined)
    await expect.poll(() => outcome(patiently(() => db.execute(one).execute()))).toBe('done')
    await expect.poll(pool).toMatchObject({ inUse: 0, waiting: 0 })
    expect([...outcomes].filter((told) => told !== 'done')).toEqual(['unavailable'])
    expect(rejections).toEqual([])
  },
)

test('a cancellation that comes late leaves the statement behind it whole', async () => {
  const { db, proxy, look } = await open({ connections: 1 })
  const nap = (seconds: number) => sql`select pg_sleep(${seconds})`
  const behind = (seconds: number) =>
    sql<{ pid: number }>`select pg_backend_pid() as pid, pg_sleep(${seconds}) as behind`
  // Prepared, so that one is sent after the other without waiting.
  await db.execute(nap(0))
  const [first] = await db.execute<{ pid: number }>(behind(0))
  proxy.hold()
  const late = withDatabaseBudget(200, () => outcome(db.execute(nap(1)).execute()))
  const after = db.execute<{ pid: number }>(behind(3)).execute()
  expect(await late).toBe('unavailable')
  await expect.poll(() => proxy.held()).toBe(1)
  // The first ends by itself; its cancellation now meets the one behind it.
  const isBehind = async () =>
    (
      await look`select from pg_stat_activity where pid = ${first?.pid ?? 0} and state = 'active' and query like '%behind'`
    ).length
  await expect.poll(isBehind, { interval: 20 }).toBe(1)
  proxy.release()
  const [row] = await after
  expect(row?.pid).not.toBe(first?.pid)
})

test('a connection with a statement past its limit gets no further ones', async () => {
  const { db, pool } = await open({ connections: 1 })
  const [before] = await db.execute<{ pid: number }>(pid)
  const late = await withDatabaseBudget(100, async () => outcome(db.execute(sleep(60))))
  const [after] = await db.execute<{ pid: number }>(pid)
  expect([late, after?.pid === before?.pid]).toEqual(['unavailable', false])
  expect(pool()).toMatchObject({ inUse: 0, waiting: 0 })
})

test('a statement that was not sent before its limit never is', async () => {
  const { db, proxy, look } = await open({ connections: 1 })
  await look`create table kept (id int)`
  proxy.hold()
  expect(await withDatabaseBudget(100, async () => outcome(db.execute(sql`insert into kept values (1)`)))).toBe(
    'unavailable',
  )
  proxy.release()
  await db.execute(sql`insert into kept values (2)`)
  expect(await look`select id from kept`).toEqual([{ id: 2 }])
})

test('a connection that takes no writes is left, as are those beside it, and the next that does is kept', async () => {
  const { db, look, direct, pool } = await open({ connections: 3 })
  await look`create table kept (id int)`
  const name = look(direct.pathname.slice(1))
  await look`alter database ${name} set default_transaction_read_only = on`
  await Promise.all(Array.from({ length: 3 * pipelineDepth }, () => db.execute(sleep(0.1))))
  expect(pool().open).toBe(3)
  await look`alter database ${name} reset default_transaction_read_only`
  const keep = () => db.execute(sql`insert into kept values (1)`)
  expect(await outcome(keep())).toBe('unavailable')
  await expect.poll(() => outcome(keep())).toBe('done')
  expect(await Promise.all(Array.from({ length: 20 }, () => outcome(keep())))).toEqual(Array(20).fill('done'))
})

/** A port where nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

test('of several hosts the one that answers is used, also for cancellations', async () => {
  const dead = await deadPort()
  const { db, proxy } = await open({ hosts: (port) => `127.0.0.1:${dead},127.0.0.1:${port}`, connections: 1 })
  expect(await outcome(db.execute(one))).toBe('done')
  const before = proxy.opened()
  expect(await withDatabaseBudget(100, async () => outcome(db.execute(sleep(60))))).toBe('unavailable')
  expect(await outcome(db.execute(one))).toBe('done')
  // The cancellation, and the connection in place of the one that was given up.
  expect(proxy.opened() - before).toBe(2)
})

test('a host that takes connections and says nothing is passed over', async () => {
  const mute = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  onTestFinished(() => void mute.close())
  const { port } = mute.address() as AddressInfo
  const { db } = await open({ hosts: (real) => `127.0.0.1:${port},127.0.0.1:${real}` })
  await expect.poll(() => withDatabaseBudget(5000, async () => outcome(db.execute(one)))).toBe('done')
})

test.each(['primary', 'read-write'])(
  'with target_session_attrs=%s a host that takes no writes is passed over before anything is asked there',
  async (role) => {
    const { db, look, direct, proxy } = await open({
      hosts: (port) => `127.0.0.1:${port},127.0.0.1:${port}`,
      parameters: `target_session_attrs=${role}`,
      connections: 1,
    })
    const name = look(direct.pathname.slice(1))
    await look`alter database ${name} set default_transaction_read_only = on`
    expect(await withDatabaseBudget(1000, async () => outcome(db.execute(one)))).toBe('unavailable')
    const tried = proxy.opened()
    // Not without rest: each host once, and no more in the time of one request than its quarters of a second.
    expect(tried).toBeLessThan(20)
    await look`alter database ${name} reset default_transaction_read_only`
    await expect.poll(() => outcome(db.execute(one))).toBe('done')
    expect(await outcome(db.transaction((tx) => tx.execute(one)))).toBe('done')
  },
)

test.each([
  ['as a parameter', (folder: string) => ({ at: '', parameters: `host=${folder}` })],
  ['as the host', (folder: string) => ({ at: encodeURIComponent(folder), parameters: '' })],
])('a unix socket is used that the URL names %s', async (_, write) => {
  const folder = await mkdtemp(join(tmpdir(), 'swob-unix-'))
  const direct = new URL(await cloneDatabase())
  const server = createServer((client) => {
    const behind = connect(Number(direct.port), direct.hostname)
    client.pipe(behind).pipe(client)
    for (const socket of [client, behind]) socket.on('error', () => undefined)
  }).listen(join(folder, '.s.PGSQL.5432'))
  await once(server, 'listening')
  const { at, parameters } = write(folder)
  const url = `postgres://${direct.username}:${direct.password}@${at}${direct.pathname}?${parameters}`
  const { client, close } = openClient(url, { connections: 1, timeout: 20_000, prepare: true, keepsSockets: true })
  onTestFinished(async () => {
    await close()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  expect(await outcome(openDatabase(client).execute(one))).toBe('done')
})
