import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { checkReadiness } from '../../src/maintenance/check-readiness.ts'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { isMigrated, migrateDatabase } from '../../src/postgres/migrate/migrate-database.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { times } from '../support/count-statuses.ts'
import { createDatabase } from '../support/create-database.ts'
import { openWorld } from '../support/world.ts'

/** A database with settings of its own, of which every new connection hears. */
async function databaseWith(settings: Record<string, string>, url: string) {
  const look = postgres(url, { max: 1, onnotice: () => undefined })
  const name = look(new URL(url).pathname.slice(1))
  for (const [setting, value] of Object.entries(settings))
    await look.unsafe(`alter database ${new URL(url).pathname.slice(1)} set ${setting} = ${value}`)
  onTestFinished(() => look.end())
  return { url, look, name }
}

function open(url: string, connections = 4) {
  const { client, close } = openClient(url, { connections, timeout: 60_000, prepare: true, keepsSockets: true })
  onTestFinished(close)
  return openDatabase(client)
}

test.each(["'repeatable read'", 'serializable'])(
  'statements that meet wait for each other, though the default is %s',
  async (isolation) => {
    const { url, look } = await databaseWith({ default_transaction_isolation: isolation }, await cloneDatabase())
    await look`create table counters (id int primary key, value int)`
    await look`insert into counters values (1, 0)`
    const db = open(url)
    const add = sql`update counters set value = value + 1 where id = ${1}`
    await Promise.all(times(40, async () => await db.execute(add)))
    await Promise.all(
      times(40, () =>
        db.transaction(async (tx) => {
          await tx.execute(sql`select value from counters`)
          await tx.execute(add)
        }),
      ),
    )
    expect(await look`select value from counters`).toEqual([{ value: 80 }])
  },
)

test.each(["'repeatable read'", 'serializable'])(
  'logins at once are answered as ever, though the default is %s',
  async (isolation) => {
    const world = await openWorld()
    const ada = await world.signedUpPerson()
    await databaseWith({ default_transaction_isolation: isolation }, world.databaseUrl)
    // New connections hear of it.
    await world.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    await expect.poll(async () => (await ada.logIn()).status).toBe(200)
    const dashboards = () => Promise.all(times(20, async () => (await ada.dashboard()).status))
    await expect.poll(dashboards).toEqual(Array(20).fill(200))
    const statuses = await Promise.all(times(8, async () => (await ada.logIn()).status))
    expect(statuses.filter((status) => status >= 500)).toEqual([])
  },
)

test('points in time and days are read the same, however the server writes them', async () => {
  const settings = { DateStyle: "'German, DMY'", TimeZone: "'Asia/Tehran'", IntervalStyle: 'sql_standard' }
  const { url } = await databaseWith(settings, await cloneDatabase())
  const [row] = await open(url).execute(sql`
    select '2024-02-01 00:00:00+00'::timestamptz::text as at, current_setting('TimeZone') as zone`)
  expect(row).toEqual({ at: '2024-02-01 00:00:00+00', zone: 'UTC' })
})

test('the tables are made where search_path leads', async () => {
  const base = await createDatabase()
  const { url, look } = await databaseWith({ search_path: 'mine' }, base)
  await look`create schema mine`
  await migrateDatabase(url, 'drizzle')
  const db = open(url)
  expect(await isMigrated(db, 'drizzle')).toBe(true)
  const places = await look`
    select distinct schemaname from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1`
  expect(places.map(({ schemaname }) => schemaname)).toEqual(['drizzle', 'mine'])
})

test('a URL may choose the schema', async () => {
  const base = await createDatabase()
  const look = postgres(base, { max: 1, onnotice: () => undefined })
  onTestFinished(() => look.end())
  await look`create schema mine`
  await migrateDatabase(`${base}?search_path=mine`, 'drizzle')
  expect(await look`select schemaname from pg_tables where tablename = 'users'`).toEqual([{ schemaname: 'mine' }])
})

test('a database that takes no writes is not ready, and is when it does', async () => {
  const world = await openWorld()
  const { look, name } = await databaseWith({}, world.databaseUrl)
  const ready = async () => (await checkReadiness(world.services)).database
  expect(await ready()).toBe('ok')
  await look`alter database ${name} set default_transaction_read_only = on`
  await look`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  await expect.poll(ready).toBe('failing')
  expect(await ready()).toBe('failing')
  await look`alter database ${name} reset default_transaction_read_only`
  // No request need fail for it first.
  await expect.poll(ready).toBe('ok')
})
