import type { PgDatabase } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import * as schema from './schema/schema.ts'

/** A connection pool or a transaction on it: verbs take either. */
export type Database = PgDatabase<PostgresJsQueryResultHKT, typeof schema>

export const openDatabase = (client: Sql): Database => drizzle(client, { schema })
