import { sql } from 'drizzle-orm'
import { isUnreachable } from '../db/is-unreachable.ts'
import { schemaVersion } from '../db/schema-version.ts'
import type { Services } from '../services.ts'

export type Readiness = 'ok' | 'failing'

/** So many values are tried: one may be damaged, or of a key that was lost, and everybody else still be served. */
const sample = 5

/**
 * Whether the services can do their work: the database answers and has this build's schema, and the keys open what is stored (any of a few
 * values, or where there are none, what they sealed themselves).
 */
export async function checkReadiness({
  db,
  seal,
}: Pick<Services, 'db' | 'seal'>): Promise<Record<'database' | 'migrations' | 'keys', Readiness>> {
  try {
    const version = await db.execute<{ newest: number | null }>(
      sql`select max(created_at)::float8 as newest from drizzle.__drizzle_migrations`,
    )
    const users = await db.execute<{ id: string; sealed: string }>(
      sql`select id, phone_number_sealed as sealed from users order by id limit ${sample}`,
    )
    const opened = await Promise.all(users.map((user) => opens(seal, user)))
    return {
      database: 'ok',
      migrations: Number(version[0]?.newest) >= schemaVersion ? 'ok' : 'failing',
      keys: opened.length === 0 || opened.includes(true) ? 'ok' : 'failing',
    }
  } catch (error) {
    // A table that is missing is a migration that is.
    return isUnreachable(error)
      ? { database: 'failing', migrations: 'failing', keys: 'failing' }
      : { database: 'ok', migrations: 'failing', keys: 'failing' }
  }
}

const opens = (seal: Services['seal'], { id, sealed }: { id: string; sealed: string }) =>
  seal.open(sealed, { table: 'users', column: 'phone_number', row: id, user: id }).then(
    () => true,
    () => false,
  )
