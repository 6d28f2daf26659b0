import { sql } from 'drizzle-orm'
import type { Services } from '../../services.ts'
import { type SealedRow, type SealedTable, sealedTables } from './sealed-tables.ts'

/** Rows that are read at once. They are locked by nobody: the server goes on. */
const batch = 200

/** Visits every row that has something sealed, table by table, in the order of their ids. */
export async function walkRows(
  { db }: Pick<Services, 'db'>,
  visit: (table: SealedTable, row: SealedRow) => Promise<void>,
): Promise<void> {
  for (const table of sealedTables) {
    let rows: SealedRow[] = []
    for (let last: string | undefined; last === undefined || rows.length === batch; last = rows.at(-1)?.id ?? '') {
      rows = await db.execute<SealedRow>(sql`
        select * from ${sql.identifier(table.name)} ${last === undefined ? sql`` : sql`where id > ${last}`}
        order by id limit ${batch}`)
      await Promise.all(rows.map((row) => visit(table, row)))
    }
  }
}
