import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { isUnreachable } from '../../src/db/is-unreachable.ts'
import { openClient } from '../../src/runtime/database/open-client.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

const codeOf = (error: unknown): string =>
  error instanceof Error ? String('code' in error ? error.code : codeOf(error.cause)) : ''

test('when connections break, transactions are done wholly or not at all, and none touches another', async () => {
  const direct = await cloneDatabase()
  const url = new URL(direct)
  const proxy = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const { client, close } = openClient(url.href, { connections: 3, limit: 5000, prepare: true, keepsSockets: true })
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
  let isOver = false
  // Nothing waits until its time is up: each that fails is told so by the end of its own connection.
  const kept = (error: unknown) => {
    if (!isUnreachable(error) || /TIMEOUT/.test(codeOf(error))) strange.push(error)
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
  const workers = [...Array.from({ length: 6 }, transact), ...Array.from({ length: 6 }, insertOne)]
  for (let round = 0; round < 40; round++) {
    await sleep(20 + 60 * Math.random())
    proxy.reset()
  }
  await sleep(500)
  isOver = true
  await Promise.all(workers)

  expect(strange).toEqual([])
  const halves = await look`
    select id, array_agg(step order by step) as steps from steps where step > 0 group by id having count(*) <> 3`
  expect(halves).toEqual([])
  const stored = new Set((await look`select distinct id from steps`).map(({ id }) => id))
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  expect(singles.filter((id) => !stored.has(id))).toEqual([])
  expect(acknowledged.length).toBeGreaterThan(20)
  expect(singles.length).toBeGreaterThan(20)
})
