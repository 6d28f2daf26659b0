import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { isUnreachable } from '../../src/postgres/errors.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

const codeOf = (error: unknown): string =>
  error instanceof Error ? String('code' in error ? error.code : codeOf(error.cause)) : ''

test('when connections break, transactions are done wholly or not at all, and none touches another', async () => {
  const direct = await cloneDatabase()
  const url = new URL(direct)
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const { client, close } = openClient(url.href, { connections: 3, timeout: 25_000, prepare: true, keepsSockets: true })
  const db = openDatabase(client)
  const look = postgres(direct, { max: 1, onnotice: () => undefined })
  onTestFinished(async () => {
    await close()
    await look.end()
    await proxy.close()
  })
  await look`create table steps (id uuid, step int, primary key (id, step))`

  const acknowledged: string[] = []
  const singles: string[] = []
  const strange: unknown[] = []
  /** Rows that answer another statement. */
  const swapped: unknown[] = []
  let isOver = false
  // Nothing waits until its time is up: each that fails is told so by the end of its own connection.
  const kept = (error: unknown) => {
    if (!isUnreachable(error) || codeOf(error) === 'DATABASE_TIMEOUT') strange.push(error)
  }
  async function transact() {
    while (!isOver) {
      const id = randomUUID()
      await db
        .transaction(async (tx) => {
          for (const step of [1, 2, 3]) {
            await tx.execute(sql`insert into steps values (${id}, ${step})`)
            await sleep(2)
          }
        })
        .then(() => acknowledged.push(id), kept)
    }
  }
  async function insertOne() {
    while (!isOver) {
      const id = randomUUID()
      await db.execute(sql`insert into steps values (${id}, 0)`).then(() => singles.push(id), kept)
    }
  }
  async function readBack() {
    while (!isOver) {
      const id = randomUUID()
      await db.execute<{ id: string }>(sql`select ${id}::uuid as id`).then(([row]) => {
        if (row?.id !== id) swapped.push(row)
      }, kept)
    }
  }
  const workers = [
    ...Array.from({ length: 6 }, readBack),
    ...Array.from({ length: 6 }, transact),
    ...Array.from({ length: 6 }, insertOne),
  ]
  for (let round = 0; round < 25; round++) {
    const before = [acknowledged.length, singles.length]
    await vi.waitFor(
      () => expect(acknowledged.length > (before[0] ?? 0) && singles.length > (before[1] ?? 0)).toBe(true),
      {
        timeout: 60_000,
        interval: 5,
      },
    )
    await sleep(40 * Math.random())
    proxy.reset()
  }
  await sleep(500)
  isOver = true
  await Promise.all(workers)

  expect(strange).toEqual([])
  expect(swapped).toEqual([])
  const halves = await look`
    select id, array_agg(step order by step) as steps from steps where step > 0 group by id having count(*) <> 3`
  expect(halves).toEqual([])
  const stored = new Set((await look`select distinct id from steps`).map(({ id }) => id))
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  expect(singles.filter((id) => !stored.has(id))).toEqual([])
})

test('when connections break, no statement gets the answer to another', async () => {
  const url = new URL(await cloneDatabase())
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const { client, pool, close } = openClient(url.href, {
    connections: 2,
    timeout: 25_000,
    prepare: true,
    keepsSockets: true,
  })
  const db = openDatabase(client)
  onTestFinished(async () => {
    await close()
    await proxy.close()
  })
  const outcomes = { right: 0, unavailable: 0, swapped: [] as unknown[], strange: [] as unknown[] }
  const asked: Promise<void>[] = []
  let isOver = false
  async function transact() {
    while (!isOver) {
      const id = randomUUID()
      await db
        .transaction(async (tx) => {
          const [row] = await tx.execute<{ tx: string }>(sql`select ${id}::uuid as tx`)
          if (row?.tx !== id) outcomes.swapped.push(row)
        })
        .catch(() => undefined)
    }
  }
  const transactions = [transact(), transact(), transact()]
  // They arrive whatever became of those before: also between a connection's error and its close.
  function ask() {
    const id = randomUUID()
    asked.push(
      db.execute<{ id: string }>(sql`select ${id}::uuid as id`).then(
        ([row]) => {
          if (row?.id === id) outcomes.right++
          else outcomes.swapped.push([id, row])
        },
        (error: unknown) => {
          // None waits until its time is up: that would be one that is lost between a connection's error and its close.
          if (isUnreachable(error) && codeOf(error) !== 'DATABASE_TIMEOUT') outcomes.unavailable++
          else outcomes.strange.push(codeOf(error))
        },
      ),
    )
  }
  for (let round = 0; round < 25; round++) {
    const { right } = outcomes
    while (outcomes.right < right + 20) {
      if (pool().waiting < 5) ask()
      await new Promise(setImmediate)
    }
    proxy.reset()
  }
  isOver = true
  await Promise.all([...asked, ...transactions])
  expect(outcomes).toMatchObject({ swapped: [], strange: [] })
})
