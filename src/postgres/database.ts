import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { PgDatabase } from 'drizzle-orm/pg-core'
import { PgDialect } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import * as schema from './schema/schema.ts'

/** A connection pool or a transaction on it: verbs take either. */
export type Database = PgDatabase<PostgresJsQueryResultHKT, typeof schema>

export const openDatabase = (client: Sql): Database => drizzle(client, { schema })

/**
 * Runs `work` in one transaction, with the same services but for `db`, which is the transaction: whatever is given these services is part of it,
 * and is undone with it when `work` throws.
 */
export const inTransaction = <Services extends { db: Database }, Result>(
  services: Services,
  work: (within: Services) => Promise<Result>,
): Promise<Result> => services.db.transaction((db) => work({ ...services, db }))

const dialect = new PgDialect()

/** A statement of a hot path, whose text is made once and not at each run; `sql.placeholder` stands for what a run gives. */
export function prepared<Row extends Record<string, unknown>>(statement: SQL) {
  const query = dialect.sqlToQuery(statement)
  return (db: Database, params: Record<string, unknown>): Promise<Row[]> =>
    db._.session
      .prepareQuery<{ execute: Row[]; all: unknown; values: unknown }>(query, undefined, undefined, false)
      .execute(params)
}

/**
 * Until the transaction ends, nobody else decides about the value that these keyed hashes are of. While keys change it has several hashes, so
 * that no unique index sees all its rows; locks on every one meet even if two servers' key rings share but one key.
 */
export async function lockHashes(tx: Database, hashes: readonly string[]): Promise<void> {
  // In one order, so that two can't wait for each other.
  for (const hash of [...hashes].sort())
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`)
}

/** A column's point in time as ISO 8601, by the second. */
export const isoInstant = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
