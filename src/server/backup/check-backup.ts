import { keyIdOf } from '../../crypto/seal.ts'
import { openRow } from '../../maintenance/keys/open-row.ts'
import { type SealedRow, sealedTables } from '../../maintenance/keys/sealed-tables.ts'
import type { Services } from '../../services.ts'
import { BackupError, type BackupHeader, type BackupTable, readBackup } from './backup-file.ts'

/** Values of each key and table that are opened. One may be damaged, and all the others be well. */
const sample = 5

/**
 * Reads a whole backup and finds out whether the keys are those that it was made with. Throws a `BackupError` if they aren't: nobody could use
 * what would be restored.
 */
export async function checkBackup(
  services: Pick<Services, 'seal' | 'blindIndex'>,
  path: string,
): Promise<{ header: BackupHeader; rows: number }> {
  let header: BackupHeader | undefined
  let current: BackupTable = { table: '', columns: [] }
  const tried = new Map<string, { keyId: string; tried: number; opened: number }>()
  const rows = await readBackup(path, {
    header(value) {
      header = value
    },
    table(value) {
      current = value
    },
    async row(line) {
      const sealed = sealedTables.find(({ name }) => name === current.table)
      if (!sealed) return
      const row = readRow(current, line)
      const keyIds = Object.keys(sealed.sealed).flatMap((column) => keyIdOf(String(row[column])) ?? [])
      const counts = keyIds.map((keyId) => {
        const name = `${current.table} ${keyId}`
        const count = tried.get(name) ?? { keyId, tried: 0, opened: 0 }
        tried.set(name, count)
        return count
      })
      if (counts.every((count) => count.tried >= sample)) return
      const { columns } = await openRow(services, sealed, row)
      for (const count of counts) {
        count.tried++
        if (columns.some((column) => column.keyId === count.keyId && 'plain' in column)) count.opened++
      }
    },
  })
  const lost = new Set([...tried.values()].filter(({ opened }) => opened === 0).map(({ keyId }) => keyId))
  if (lost.size > 0)
    throw new BackupError(
      `SECRET_KEYS cannot decrypt values encrypted with ${[...lost].join(', ')}; nothing was restored`,
    )
  if (!header) throw new BackupError(`${path} has no header`)
  return { header, rows }
}

/** What COPY's text format escapes in the values that are looked at here. */
function readRow({ columns }: BackupTable, line: Buffer): SealedRow {
  const cells = line.toString().split('\t')
  const values = columns.map((column, index) => [
    column,
    cells[index] === '\\N' ? undefined : cells[index]?.replaceAll('\\\\', '\\'),
  ])
  return Object.fromEntries(values) as SealedRow
}
