import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { keepEvents } from '../db/audit-events.ts'

/** Any number; the same in every version, so that no two servers migrate at once. */
const lockId = 8_437_110_925

/** Brings a database to this build's schema. Instances that start together wait for each other; the lock is held throughout. */
export async function migrateDatabase(databaseUrl: string, folder: string): Promise<void> {
  const client = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => undefined })
  try {
    await client`select pg_advisory_lock(${lockId})`.catch((cause: unknown) => {
      throw new Error(`the database can't be reached: ${reason(cause)}`, { cause })
    })
    await migrate(drizzle(client), { migrationsFolder: folder }).catch((cause: unknown) => {
      throw new Error(`the database can't be migrated: ${reason(cause)}`, { cause })
    })
    await client.unsafe(keepEvents)
  } finally {
    await client.end({ timeout: 5 })
  }
}

/** Drizzle's own message is the whole query; what Postgres said of it is the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return error.cause instanceof Error ? error.cause.message : error.message
}
