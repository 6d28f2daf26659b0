import { sql } from 'drizzle-orm'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { isUnreachable } from '../../src/postgres/errors.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { times } from '../support/count-statuses.ts'
import { createDatabase } from '../support/create-database.ts'
import { openInstances } from '../support/open-instances.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { pgbouncer, startPgbouncer } from '../support/start-pgbouncer.ts'
import { actAsOne } from './act-as-one.ts'

const around = await openSurroundings()
afterAll(around.close)

/** Hundreds of requests at once take a busy machine a while. */
const patient = { DATABASE_TIMEOUT: '60' }

describe('two instances on one Postgres', () => {
  actAsOne(async () => {
    const databaseUrl = await cloneDatabase()
    return openInstances({ around, databaseUrl, each: [patient, patient] })
  })
})

const pooled = 'two instances by way of a PgBouncer in transaction mode'

describe.skipIf(!pgbouncer)(pgbouncer ? pooled : `${pooled} (skipped: no pgbouncer on this machine)`, () => {
  actAsOne(async () => {
    // They migrate it by way of the pooler, too.
    const databaseUrl = await createDatabase()
    const pooler = await startPgbouncer(databaseUrl)
    const own = { ...patient, DATABASE_URL: pooler.url }
    const instances = await openInstances({ around, databaseUrl, each: [{ ...own, DATABASE_PREPARE: 'false' }, own] })
    return { ...instances, close: () => instances.close().then(pooler.close) }
  })

  test('a transaction is kept or fails, also where DATABASE_PREPARE was left true', async () => {
    const pooler = await startPgbouncer(await cloneDatabase())
    let notices = 0
    const onUnprepared = () => {
      notices++
    }
    const bounds = { connections: 20, timeout: 60_000, prepare: true, keepsSockets: true, onUnprepared }
    const { client, close } = openClient(pooler.url, bounds)
    onTestFinished(() => close().then(pooler.close))
    const db = openDatabase(client)
    await db.execute(sql`create table kept (id int)`)
    const insert = (count: number) =>
      Promise.allSettled(
        times(count, () =>
          db.transaction(async (tx) => {
            await tx.execute(sql`insert into kept values (${1})`)
            await tx.execute(sql`select pg_sleep(${0.01}::float8)`)
          }),
        ),
      )
    const first = await insert(200)
    const refused = first.filter((result) => result.status === 'rejected')
    expect(refused.every(({ reason }) => isUnreachable(reason))).toBe(true)
    // It has found out, once, and none fails any more.
    expect(notices).toBe(1)
    const second = await insert(200)
    expect(second.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(await db.execute(sql`select from kept`)).toHaveLength(400 - refused.length)
  })

  test('a server finds out at its start, and not one request fails for it', { timeout: 300_000 }, async () => {
    const databaseUrl = await createDatabase()
    const pooler = await startPgbouncer(databaseUrl)
    const own = { ...patient, DATABASE_URL: pooler.url, DATABASE_PREPARE: '' }
    const instances = await openInstances({ around, databaseUrl, each: [own] })
    onTestFinished(() => instances.close().then(pooler.close))
    const people = await Promise.all(times(6, () => instances.signedUpPerson()))
    const statuses = await Promise.all(
      people.flatMap((person) => times(5, async () => (await person.dashboard()).status)),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
  })
})
