import { and, type SQL, sql } from 'drizzle-orm'
import { recordEvent } from '../../audit/record-event.ts'
import type { Services } from '../../services.ts'
import { checkKeys, type KeyReport } from './check-keys.ts'
import { openRow } from './open-row.ts'
import type { SealedRow, SealedTable } from './sealed-tables.ts'
import { walkRows } from './walk-rows.ts'

type Needed = Pick<Services, 'db' | 'seal' | 'blindIndex' | 'settings' | 'request' | 'log'>

/** A server whose newest key is another one seals with it meanwhile. */
const maxRounds = 5
/** A row that somebody changes is read again. */
const maxAttempts = 10

/**
 * Puts everything that is sealed, and the hashes it's found by, under the newest key, while the server serves. Each row is changed by itself and
 * only if nobody else has changed it, so it may be stopped at any time, begun again, and run twice at once. What doesn't open stays as it is.
 */
export async function rotateKeys(services: Needed): Promise<KeyReport & { changed: number }> {
  let changed = 0
  for (let round = 1; ; round++) {
    await walkRows(services, async (table, row) => {
      if (await rotateRow(services, table, row)) changed++
    })
    const report = await checkKeys(services)
    if (report.stale > 0 && round < maxRounds) continue
    const [newest = ''] = services.seal.keyIds
    await recordEvent(services, { event: 'key_rotation', about: newest })
    return { ...report, changed }
  }
}

async function rotateRow(services: Needed, table: SealedTable, row: SealedRow, tries = maxAttempts): Promise<boolean> {
  const { db, seal } = services
  const { columns, index } = await openRow(services, table, row)
  const changes: { column: string; from: unknown; to: string }[] = []
  for (const column of columns) {
    const context = table.sealed[column.column]?.(row)
    if (!column.isStale || !('plain' in column) || !context) continue
    changes.push({ column: column.column, from: column.value, to: await seal.seal(column.plain, context) })
  }
  const indexColumn = table.index?.column ?? ''
  if (index !== undefined && row[indexColumn] !== index)
    changes.push({ column: indexColumn, from: row[indexColumn], to: index })
  if (changes.length === 0) return false

  const name = sql.identifier(table.name)
  const set = changes.map(({ column, to }) => sql`${sql.identifier(column)} = ${to}`)
  const isAsRead = changes.map(({ column, from }) => sql`${sql.identifier(column)} is not distinct from ${from}`)
  try {
    const updated = await db.execute(sql`
      update ${name} set ${sql.join(set, sql`, `)} where id = ${row.id} and ${and(...isAsRead) as SQL} returning id`)
    if (updated.length > 0) return true
  } catch (error) {
    if (!isDuplicate(error)) throw error
    services.log.error('a value is stored twice, under different keys', { table: table.name, id: row.id })
    return false
  }
  const [now] = await db.execute<SealedRow>(sql`select * from ${name} where id = ${row.id}`)
  return now !== undefined && tries > 1 && rotateRow(services, table, now, tries - 1)
}

/** Postgres's unique_violation. */
function isDuplicate(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '23505') || isDuplicate(error.cause)
}
