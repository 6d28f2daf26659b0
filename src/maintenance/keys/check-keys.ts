import type { Services } from '../../services.ts'
import { openRow } from './open-row.ts'
import { walkRows } from './walk-rows.ts'

type Needed = Pick<Services, 'db' | 'seal' | 'blindIndex'>

/** Something that can't be opened any more, and whose it is. */
export type LostValue = {
  table: string
  column: string
  id: string
  userId: string
  platform?: string
  keyId: string
  why: string
}

export type KeyReport = {
  /** By table and key. */
  counts: readonly { table: string; column: string; keyId: string; values: number; lost: number }[]
  lost: number
  /** Values, or their index, that `rotateKeys` would put under the newest key. */
  stale: number
  /** Keys of the ring that nothing is sealed with. */
  unused: readonly string[]
}

/** Opens every sealed value and reports which key it's under. Changes nothing. */
export async function checkKeys(
  services: Needed,
  show: (lost: LostValue) => void = () => undefined,
): Promise<KeyReport> {
  const counts = new Map<string, KeyReport['counts'][number]>()
  let [lost, stale] = [0, 0]
  await walkRows(services, async (table, row) => {
    const { columns, index } = await openRow(services, table, row)
    if (index !== undefined && table.index && row[table.index.column] !== index) stale++
    for (const column of columns) {
      const key = { table: table.name, column: column.column, keyId: column.keyId }
      const name = Object.values(key).join(' ')
      const isLost = 'why' in column
      const { values, lost: lostBefore } = counts.get(name) ?? { values: 0, lost: 0 }
      counts.set(name, { ...key, values: values + 1, lost: lostBefore + Number(isLost) })
      if (!isLost) {
        if (column.isStale) stale++
        continue
      }
      lost++
      const platform = row.platform === undefined ? {} : { platform: row.platform }
      show({ ...key, id: row.id, userId: row.user_id ?? row.id, ...platform, why: column.why })
    }
  })
  const used = new Set([...counts.values()].map(({ keyId }) => keyId))
  const unused = services.seal.keyIds.slice(1).filter((id) => !used.has(id))
  // Rows are opened at once, in no order.
  const sorted = [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, count]) => count)
  return { counts: sorted, lost, stale, unused }
}
