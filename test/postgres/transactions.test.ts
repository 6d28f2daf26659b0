import { sql } from 'drizzle-orm'
import { afterAll, expect, test } from 'vitest'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { cloneDatabase } from '../support/clone-database.ts'

const bounds = { connections: 1, timeout: 60_000, prepare: true, keepsSockets: true }
const { client, close } = openClient(await cloneDatabase(), bounds)
const db = openDatabase(client)
await db.execute(sql`create table kept (id int)`)
afterAll(close)

const keep = (id: number) => sql`insert into kept values (${id})`
const kept = async () => (await db.execute(sql`select id from kept order by id`)).map(({ id }) => id)

test('what a transaction has answered is kept, although the connection has lost its prepared statements, as behind a pooler', async () => {
  await db.transaction((tx) => tx.execute(keep(1)))
  await db.transaction(async (tx) => {
    await tx.execute(keep(2))
    await tx.execute(sql`deallocate all`)
  })
  expect(await kept()).toEqual([1, 2])
})

test('a transaction that was not committed is an error, and one that throws leaves nothing', async () => {
  const before = await kept()
  const rolledBack = db.transaction(async (tx) => {
    await tx.execute(keep(3))
    await tx.execute(sql`rollback`)
  })
  await expect(rolledBack).rejects.toThrow()
  const thrown = db.transaction(async (tx) => {
    await tx.execute(keep(4))
    throw new Error('no')
  })
  await expect(thrown).rejects.toThrow('no')
  expect(await kept()).toEqual(before)
})
