import { sql } from 'drizzle-orm'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { openClient } from '../../src/runtime/database/open-client.ts'
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
    const own = { ...patient, DATABASE_URL: pooler.url, DATABASE_PREPARE: 'false' }
    const instances = await openInstances({ around, databaseUrl, each: [own, own] })
    return { ...instances, close: () => instances.close().then(pooler.close) }
  })

  test('a transaction is kept or fails, also where DATABASE_PREPARE was left true', async () => {
    const pooler = await startPgbouncer(await cloneDatabase())
    const bounds = { connections: 20, limit: 60_000, prepare: true, keepsSockets: true }
    const { client, close } = openClient(pooler.url, bounds)
    onTestFinished(() => close().then(pooler.close))
    const db = openDatabase(client)
    await db.execute(sql`create table kept ()`)
    const done = await Promise.allSettled(
      times(200, () => db.transaction((tx) => tx.execute(sql`insert into kept default values`))),
    )
    const fulfilled = done.filter(({ status }) => status === 'fulfilled').length
    expect(fulfilled).toBeGreaterThan(0)
    expect(await db.execute(sql`select from kept`)).toHaveLength(fulfilled)
  })
})
