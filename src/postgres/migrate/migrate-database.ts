import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type postgres from 'postgres'
import * as z from 'zod'
import { withDatabaseBudget } from '../client/deadline.ts'
import { openClient } from '../client/open-client.ts'
import type { Database } from '../database.ts'
import { keepEvents } from '../schema/audit-events.ts'
import { type Applied, type Migration, planMigrations } from './plan-migrations.ts'

/** Any number; the same in every version, so that no two servers migrate at once. */
const lockId = 8_437_110_925

/** Milliseconds. Another instance may be at it, and have much to do. */
const timeoutMilliseconds = 24 * 3600 * 1000
const connectMilliseconds = 10_000

const journal = z.object({ entries: z.array(z.object({ tag: z.string() })) })

/**
 * Brings a database to this build's schema, wholly or not at all, and says how many migrations that took. Instances that start together wait for each other: all of it is one
 * transaction, which holds the lock (one of a session's would not hold behind a transaction pooler). Drizzle's own migrator, whose table and
 * files these are, silently skips what is out of order.
 */
export async function migrateDatabase(databaseUrl: string, folder: string): Promise<number> {
  const { client, close } = openClient(databaseUrl, {
    connections: 1,
    timeout: timeoutMilliseconds,
    prepare: false,
    keepsSockets: true,
  })
  try {
    const migrations = readMigrations(folder)
    await withDatabaseBudget(connectMilliseconds, async () => await client.unsafe('select 1')).catch(
      (cause: unknown) => {
        throw new Error(`cannot reach the database: ${reason(cause)}`, { cause })
      },
    )
    return await client.begin((tx) => applyMigrations(tx, migrations))
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith('cannot reach the database')) throw cause
    throw new Error(`cannot migrate the database: ${reason(cause)}`, { cause })
  } finally {
    await close()
  }
}

/**
 * Whether there is nothing to do, asked over a connection that a server needs anyway: most starts find all as the one before left it. What is
 * wrong with a database is for `migrateDatabase` to say.
 */
export async function isMigrated(db: Database, folder: string): Promise<boolean> {
  try {
    const applied = await db.execute<Applied & { kept: boolean }>(sql`
      select created_at::float8 as "when", hash, (
        select count(*) = 2 from pg_trigger where tgrelid = 'audit_events'::regclass and tgname like 'audit_events_keep_%'
      ) as kept from drizzle.__drizzle_migrations order by created_at`)
    return planMigrations(readMigrations(folder), applied).length === 0 && applied.every(({ kept }) => kept)
  } catch {
    return false
  }
}

/** The same within a transaction. */
export async function applyMigrations(tx: postgres.TransactionSql, migrations: readonly Migration[]): Promise<number> {
  // Limits that the server or the role has for what requests do.
  await tx.unsafe(`select set_config(name, '0', true) from pg_settings where name in
    ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout')`)
  await tx.unsafe(`select pg_advisory_xact_lock(${lockId})`)
  await tx.unsafe('create schema if not exists drizzle')
  await tx.unsafe(
    'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
  )
  const applied = await tx.unsafe<Applied[]>(
    'select created_at::float8 as "when", hash from drizzle.__drizzle_migrations order by created_at',
  )
  const planned = planMigrations(migrations, applied)
  for (const { when, hash, statements } of planned) {
    for (const statement of statements) await tx.unsafe(statement)
    await tx.unsafe('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, when])
  }
  await tx.unsafe(keepEvents)
  return planned.length
}

export function readMigrations(folder: string): Migration[] {
  const { entries } = journal.parse(JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')))
  return readMigrationFiles({ migrationsFolder: folder }).map(({ sql: statements, hash, folderMillis }, index) => ({
    tag: entries[index]?.tag ?? '',
    when: folderMillis,
    hash,
    // Wherever `search_path` leads, as for all else: Drizzle names the schema that a key refers to.
    statements: statements.map((statement) => statement.replaceAll('"public".', '')),
  }))
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
