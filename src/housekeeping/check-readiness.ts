import { sql } from 'drizzle-orm'
import { isUnreachable } from '../db/is-unreachable.ts'
import { schemaVersion } from '../db/schema-version.ts'
import { recheckKeys } from './keys-fit.ts'

export type Readiness = 'ok' | 'failing'

/**
 * Whether the services can do their work: the database answers and has this build's schema, and the keys open what is stored (any of a few
 * values, or where there are none, what they sealed themselves).
 */
export async function checkReadiness(
  services: Parameters<typeof recheckKeys>[0],
): Promise<Record<'database' | 'migrations' | 'keys', Readiness>> {
  try {
    const version = await services.db.execute<{ newest: number | null }>(
      sql`select max(created_at)::float8 as newest from drizzle.__drizzle_migrations`,
    )
    const fit = await recheckKeys(services)
    return {
      database: 'ok',
      migrations: Number(version[0]?.newest) >= schemaVersion ? 'ok' : 'failing',
      keys: fit ? 'ok' : 'failing',
    }
  } catch (error) {
    // A table that is missing is a migration that is.
    return isUnreachable(error)
      ? { database: 'failing', migrations: 'failing', keys: 'failing' }
      : { database: 'ok', migrations: 'failing', keys: 'failing' }
  }
}
