import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import postgres from 'postgres'
import * as z from 'zod'
import { keepEvents } from '../../db/audit-events.ts'
import type { Database } from '../../db/database.ts'
import { type Applied, type Migration, planMigrations } from './plan-migrations.ts'

/** Any number; the same in every version, so that no two servers migrate at once. */
const lockId = 8_437_110_925

const journal = z.object({ entries: z.array(z.object({ tag: z.string() })) })

/**
 * Brings a database to this build's schema, wholly or not at all. Instances that start together wait for each other: all of it is one
 * transaction, which holds the lock (one of a session's would not hold behind a transaction pooler). Drizzle's own migrator, whose table and
 * files these are, silently skips what is out of order.
 */
export async function migrateDatabase(databaseUrl: string, folder: string): Promise<void> {
  const client = postgres(databaseUrl, { max: 1, connect_timeout: 10, prepare: false, onnotice: () => undefined })
  try {
    const migrations = readMigrations(folder)
    await client`select`.catch((cause: unknown) => {
      throw new Error(`the database can't be reached: ${reason(cause)}`, { cause })
    })
    await client.begin((tx) => apply(tx, migrations))
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith("the database can't")) throw cause
    throw new Error(`the database can't be migrated: ${reason(cause)}`, { cause })
  } finally {
    await client.end({ timeout: 5 })
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

async function apply(tx: postgres.TransactionSql, migrations: readonly Migration[]): Promise<void> {
  await tx`select pg_advisory_xact_lock(${lockId})`
  await tx`create schema if not exists drizzle`
  await tx`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`
  const applied = await tx<Applied[]>`
    select created_at::float8 as "when", hash from drizzle.__drizzle_migrations order by created_at`
  for (const { when, hash, statements } of planMigrations(migrations, applied)) {
    for (const statement of statements) await tx.unsafe(statement)
    await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`
  }
  await tx.unsafe(keepEvents)
}

function readMigrations(folder: string): Migration[] {
  const { entries } = journal.parse(JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')))
  return readMigrationFiles({ migrationsFolder: folder }).map(({ sql: statements, hash, folderMillis }, index) => ({
    tag: entries[index]?.tag ?? '',
    when: folderMillis,
    hash,
    statements,
  }))
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
