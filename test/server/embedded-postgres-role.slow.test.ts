import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'
import { migrateDatabase } from '../../src/postgres/migrate/migrate-database.ts'
import { childProcesses, readProcess } from '../support/child-processes.ts'
import { superuserUrl } from '../support/superuser-url.ts'

const canary = 'canary-of-the-environment-5d0c'
const closers: (() => Promise<unknown>)[] = []
let folder: string
let database: EmbeddedPostgres

const connect = (url: string): Sql => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  closers.push(() => sql.end({ timeout: 1 }))
  return sql
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swob-role-'))
  process.env.SECRET_KEYS = canary
  database = await openEmbeddedPostgres({ folder, durable: false })
  closers.push(
    () => rm(folder, { recursive: true, force: true }),
    () => database.close(),
  )
})
afterAll(async () => {
  delete process.env.SECRET_KEYS
  for (const close of closers.reverse()) await close()
})

describe('the role of the server in its own Postgres', () => {
  test.each([
    `copy (select 1) to program 'env > /tmp/stolen'`,
    `create temp table t (line text); copy t from program 'env'`,
    `create temp table u (line text); copy u from '/etc/passwd'`,
    `select pg_read_file('/proc/self/environ')`,
    `select pg_read_binary_file('/proc/self/environ')`,
    `select pg_ls_dir('/')`,
    `select pg_stat_file('/etc/passwd')`,
    `select lo_import('/etc/passwd')`,
    `select lo_export(lo_create(0), '/tmp/stolen')`,
    `do $$ begin perform pg_read_file('/proc/self/environ'); end $$`,
    `create function run(cstring) returns int as 'libc.so.6', 'system' language c`,
    `load '/tmp/stolen.so'`,
    'create extension file_fdw',
    'create extension dblink',
    `alter system set archive_command = 'env > /tmp/stolen'`,
    'set role postgres',
    'set session authorization postgres',
    'alter role current_user superuser',
    'create role another superuser',
    'grant pg_read_server_files to current_user',
    'grant pg_execute_server_program to current_user',
    'grant postgres to current_user',
    'select rolpassword from pg_authid',
  ])('may not: %s', async (statement) => {
    const failure = await connect(database.url)
      .unsafe(statement)
      .catch((error: unknown) => error)
    // insufficient_privilege
    expect(failure).toMatchObject({ code: '42501' })
  })

  test('owns what it makes there, schemas too', async () => {
    const sql = connect(database.url)
    await sql.unsafe('create schema mine; create table mine.notes (id serial); create table notes (id serial)')
    await sql.unsafe('drop schema mine cascade; drop table notes')
  })

  test('takes over what an earlier version made as the superuser, and leaves that one a way back', async () => {
    await database.close()
    let opened = await openEmbeddedPostgres({ folder, durable: false })
    await migrateDatabase(opened.url, 'drizzle')
    const before = postgres(await superuserUrl(folder, opened.url), { max: 1, onnotice: () => undefined })
    await before.unsafe('reassign owned by smswithoutborders to postgres; drop owned by smswithoutborders')
    await before.unsafe('alter database postgres owner to postgres; drop role smswithoutborders')
    const owners = (sql: Sql) => sql`
      select distinct relowner::regrole::text as owner from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname in ('public', 'drizzle') and relkind in ('r', 'S')
      union select proowner::regrole::text from pg_proc where pronamespace = 'public'::regnamespace
      union select nspowner::regrole::text from pg_namespace where nspname = 'drizzle'`
    expect(await owners(before)).toEqual([{ owner: 'postgres' }])
    await before.end()
    await opened.close()

    for (const round of ['the first start', 'a start after the earlier version came back']) {
      opened = await openEmbeddedPostgres({ folder, durable: false })
      const sql = postgres(opened.url, { max: 1, onnotice: () => undefined })
      expect([round, await owners(sql)]).toEqual([round, [{ owner: 'smswithoutborders' }]])
      await migrateDatabase(opened.url, 'drizzle')
      await sql`alter table signups add column if not exists later text`
      await sql.end()
      const earlier = postgres(await superuserUrl(folder, opened.url), { max: 1, onnotice: () => undefined })
      await migrateDatabase(await superuserUrl(folder, opened.url), 'drizzle')
      await earlier`insert into signups (id, phone_number_sealed, password_hash) values (gen_random_uuid(), '', '')`
      await earlier`create table if not exists made_by_it (id serial)`
      await earlier.end()
      await opened.close()
    }
    database = await openEmbeddedPostgres({ folder, durable: false })
  })
})

test.skipIf(process.platform !== 'linux')('no process of Postgres has the settings in its environment', async () => {
  const pid = Number.parseInt(await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)
  const all = [await readProcess(`${pid}`), ...(await childProcesses(pid))]
  expect(all.length).toBeGreaterThan(3)
  for (const process of all) {
    const names = process?.environment.split('\0').map((entry) => entry.split('=')[0]) ?? []
    expect(process?.environment).not.toContain(canary)
    // Postgres's own mark, beside what every program needs.
    const known =
      /^(PATH|HOME|TMPDIR|TMP|TEMP|LC_\w+|PWD|PGDATA|PG_GRANDPARENT_PID|PGLOCALEDIR|PGSYSCONFDIR|LD_LIBRARY_PATH|)$/
    expect(names.filter((name) => !known.test(name ?? ''))).toEqual([])
  }
})

test('a Postgres that was started with other settings, such as a whole environment, is started anew', async () => {
  const options = join(folder, 'data', 'postmaster.opts')
  await writeFile(options, (await readFile(options, 'utf8')).replace('"-c" "cluster_name=smswithoutborders"', ''))
  const before = await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')
  await writeFile(join(folder, 'owners.json'), JSON.stringify({ server: null, owners: [] }))
  const again = await openEmbeddedPostgres({ folder, durable: false })
  expect(await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).not.toBe(before)
  await again.close()
})
