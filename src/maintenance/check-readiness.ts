import { sql } from 'drizzle-orm'
import { checkWritable } from '../postgres/check-writable.ts'
import { isUnreachable } from '../postgres/errors.ts'
import { schemaVersion } from '../postgres/migrate/schema-version.ts'
import { recheckKeys } from './keys-fit.ts'

export type Readiness = 'ok' | 'failing'
type Checks = Record<'database' | 'migrations' | 'keys', Readiness>
type Needed = Parameters<typeof recheckKeys>[0]

/** Milliseconds, however long requests may wait: whoever asks wants to know where to send the next. */
const timeoutMilliseconds = 1800

const unreachable: Checks = { database: 'failing', migrations: 'failing', keys: 'failing' }

/**
 * Whether the services can do their work: the database takes writes and has this build's schema, and the keys open what is stored (any of a few
 * values, or where there are none, what they sealed themselves).
 */
export async function checkReadiness(services: Needed): Promise<Checks> {
  const { promise: late, resolve } = Promise.withResolvers<Checks>()
  const timer = setTimeout(() => resolve(unreachable), timeoutMilliseconds)
  try {
    return await Promise.race([check(services), late])
  } finally {
    clearTimeout(timer)
  }
}

async function check(services: Needed): Promise<Checks> {
  try {
    await checkWritable(services.db)
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
    return isUnreachable(error) ? unreachable : { database: 'ok', migrations: 'failing', keys: 'failing' }
  }
}
