import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { afterEach, expect, inject, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/postgres/database.ts'
import { isMigrated, migrateDatabase } from '../../src/postgres/migrate/migrate-database.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A new database without a table. */
async function emptyDatabase() {
  const base = inject('postgresUrl')
  const name = `empty_${randomBytes(6).toString('hex')}`
  const maker = postgres(base, { max: 1, onnotice: () => undefined })
  await maker.unsafe(`create database ${name}`)
  await maker.end()
  const url = Object.assign(new URL(base), { pathname: `/${name}` }).href
  const sql = postgres(url, { max: 2, onnotice: () => undefined })
  onTestFinished(() => sql.end())
  return { url, sql }
}

/** The project's migrations and, after them, the given ones, by name and time. */
async function withMigrations(...added: [tag: string, when: number, sql: string][]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  folders.push(folder)
  await cp('drizzle', folder, { recursive: true })
  const path = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(await readFile(path, 'utf8'))
  for (const [tag, when, sql] of added) {
    journal.entries.push({ idx: journal.entries.length, version: '7', when, tag, breakpoints: true })
    await writeFile(join(folder, `${tag}.sql`), sql)
  }
  await writeFile(path, JSON.stringify(journal))
  return folder
}

const later = 4_000_000_000_000
const first: [string, number, string] = ['9001_first', later, 'create table first (id int)']
const second: [string, number, string] = ['9002_second', later + 1000, 'create table second (id int)']

const tables = async (sql: postgres.Sql) =>
  (await sql`select tablename from pg_tables where schemaname = 'public' and tablename in ('first', 'second')`)
    .map(({ tablename }) => tablename)
    .sort()

test('instances that start at once apply each migration once', async () => {
  const { url, sql } = await emptyDatabase()
  const folder = await withMigrations(first, second)
  await Promise.all(Array.from({ length: 5 }, () => migrateDatabase(url, folder)))
  const { entries } = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8'))
  const [row] = await sql`select count(*)::int as count from drizzle.__drizzle_migrations`
  expect(row?.count).toBe(entries.length)
  expect(await tables(sql)).toEqual(['first', 'second'])
})

test('a start that finds all as it should be knows it by one look', async () => {
  const { url, sql } = await emptyDatabase()
  const db = drizzle(sql) as unknown as Database
  expect(await isMigrated(db, 'drizzle')).toBe(false)
  await migrateDatabase(url, 'drizzle')
  expect(await isMigrated(db, 'drizzle')).toBe(true)
  expect(await isMigrated(db, await withMigrations(first))).toBe(false)
  await sql`update drizzle.__drizzle_migrations set hash = 'another'`
  expect(await isMigrated(db, 'drizzle')).toBe(false)
})

test('audit triggers that somebody dropped are put back at the next start', async () => {
  const { url, sql } = await emptyDatabase()
  const db = drizzle(sql) as unknown as Database
  await migrateDatabase(url, 'drizzle')
  await sql`drop trigger audit_events_keep_row on audit_events`
  expect(await isMigrated(db, 'drizzle')).toBe(false)
  await migrateDatabase(url, 'drizzle')
  expect(await isMigrated(db, 'drizzle')).toBe(true)
})

test('what is new is applied after what was there', async () => {
  const { url, sql } = await emptyDatabase()
  await migrateDatabase(url, await withMigrations(first))
  await migrateDatabase(url, await withMigrations(first, second))
  expect(await tables(sql)).toEqual(['first', 'second'])
})

test('a version before serves a database that is ahead', async () => {
  const { url } = await emptyDatabase()
  await migrateDatabase(url, await withMigrations(first, second))
  await migrateDatabase(url, await withMigrations(first))
  await migrateDatabase(url, 'drizzle')
})

test('a migration that was skipped is an error', async () => {
  const { url, sql } = await emptyDatabase()
  await migrateDatabase(url, await withMigrations(second))
  await expect(migrateDatabase(url, await withMigrations(first, second))).rejects.toThrow(
    'cannot migrate the database: migration 9001_first was not applied, but the later 9002_second was',
  )
  expect(await tables(sql)).toEqual(['second'])
})

test('a migration of another branch is an error', async () => {
  const { url } = await emptyDatabase()
  await migrateDatabase(url, await withMigrations(first))
  await expect(migrateDatabase(url, await withMigrations(second))).rejects.toThrow(
    'the database has a migration from another branch',
  )
})

test('a migration that was changed after it was applied is an error', async () => {
  const { url } = await emptyDatabase()
  await migrateDatabase(url, await withMigrations(first))
  const changed: typeof first = [first[0], first[1], 'create table first (id bigint)']
  await expect(migrateDatabase(url, await withMigrations(changed))).rejects.toThrow(
    'migration 9001_first was changed after it was applied',
  )
})

test('a journal whose times do not rise is an error', async () => {
  const { url } = await emptyDatabase()
  await expect(migrateDatabase(url, await withMigrations(second, first))).rejects.toThrow(
    'migration 9001_first is not newer than 9002_second; regenerate it',
  )
})

test('a file that is missing is an error', async () => {
  const { url } = await emptyDatabase()
  const folder = await withMigrations(first)
  await rm(join(folder, '9001_first.sql'))
  await expect(migrateDatabase(url, folder)).rejects.toThrow('9001_first.sql')
})

test('a migration that fails changes nothing, and says why', async () => {
  const { url, sql } = await emptyDatabase()
  const broken: typeof second = ['9002_broken', second[1], 'create table second (id nonsense)']
  await expect(migrateDatabase(url, await withMigrations(first, broken))).rejects.toThrow(
    'cannot migrate the database: type "nonsense" does not exist',
  )
  expect(await tables(sql)).toEqual([])
  await migrateDatabase(url, await withMigrations(first, second))
  expect(await tables(sql)).toEqual(['first', 'second'])
})

test('a migration takes the time that it needs, whatever statements may take by default', async () => {
  const { url, sql } = await emptyDatabase()
  const name = sql(new URL(url).pathname.slice(1))
  await sql`alter database ${name} set statement_timeout = '900ms'`
  await sql`alter database ${name} set idle_in_transaction_session_timeout = '5s'`
  const slow: typeof first = [first[0], first[1], 'create table first (id int); select pg_sleep(1.5)']
  await migrateDatabase(url, await withMigrations(slow))
  expect(await tables(sql)).toEqual(['first'])
})
