import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/**
 * Until the transaction ends, nobody else decides about the value that these keyed hashes are of. While keys change it has several hashes, so
 * that no unique index sees all its rows; locks on every one meet even if two servers' key rings share but one key.
 */
export async function lockHashes(tx: Database, hashes: readonly string[]): Promise<void> {
  // In one order, so that two can't wait for each other.
  for (const hash of [...hashes].sort())
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`)
}
