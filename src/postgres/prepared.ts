import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Database } from './database.ts'

const dialect = new PgDialect()

/** A statement of a hot path, whose text is made once and not at each run; `sql.placeholder` stands for what a run gives. */
export function prepared<Row extends Record<string, unknown>>(statement: SQL) {
  const query = dialect.sqlToQuery(statement)
  return (db: Database, params: Record<string, unknown>): Promise<Row[]> =>
    db._.session
      .prepareQuery<{ execute: Row[]; all: unknown; values: unknown }>(query, undefined, undefined, false)
      .execute(params)
}
