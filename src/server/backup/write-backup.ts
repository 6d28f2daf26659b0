import { access, link, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Sql, TransactionSql } from 'postgres'
import type { Applied } from '../../postgres/migrate/plan-migrations.ts'
import { BackupError, endLine, endOfRowsLine, headerLine, tableLine, writeLines } from './backup-file.ts'

/** Values in a form that any Postgres reads alike. */
export const portable = `set local datestyle = 'ISO'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
  set local extra_float_digits = 1; set local client_encoding = 'UTF8'; set local bytea_output = 'hex';
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`

/**
 * Writes all that the database holds, as it was at one moment, to a file; the server goes on meanwhile. It gets its name when it is whole, and
 * never takes another file's place. `onDraft` is told of the file that is there until then.
 */
export async function writeBackup(
  sql: Sql,
  { path, version, onDraft }: { path: string; version: string; onDraft: (draft: string) => void },
): Promise<{ tables: number; rows: number }> {
  const draft = `${path}.${process.pid}.partial`
  const counts = { tables: 0, rows: 0 }
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    throw new BackupError(`${path} already exists`)
  onDraft(draft)
  try {
    await sql.begin('isolation level repeatable read read only', async (tx) => {
      await tx.unsafe(portable)
      await writeLines(draft, dump(tx, version, counts))
    })
    await link(draft, path)
    return counts
  } finally {
    await rm(draft, { force: true })
  }
}

async function* dump(tx: TransactionSql, version: string, counts: { tables: number; rows: number }) {
  const migrations = await tx<Applied[]>`
    select created_at::float8 as "when", hash from drizzle.__drizzle_migrations order by created_at`
  yield headerLine({ version, createdAt: new Date().toISOString(), migrations: [...migrations] })
  for (const { table, columns } of await listTables(tx)) {
    counts.tables++
    yield tableLine({ table, columns })
    const rows: Readable = await tx`copy ${tx(table)} (${tx(columns)}) to stdout`.readable()
    for await (const chunk of rows as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) counts.rows++
      yield chunk
    }
    yield endOfRowsLine
  }
  yield endLine(counts.rows)
}

type Table = { table: string; columns: string[] }

/** Our tables, each after those that it refers to, with the columns that can be written. */
async function listTables(tx: TransactionSql): Promise<Table[]> {
  const tables = await tx<(Table & { needs: string[] })[]>`
    select relname as table,
      (select json_agg(attname order by attnum) from pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns,
      to_json(array(select confrelid::regclass::text from pg_constraint
        where conrelid = pg_class.oid and contype = 'f' and confrelid <> conrelid)) as needs
    from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace order by relname`
  const sorted: Table[] = []
  for (let left = [...tables]; left.length > 0; ) {
    const done = new Set(sorted.map(({ table }) => table))
    const ready = left.filter(({ needs }) => needs.every((need) => done.has(need)))
    if (ready.length === 0) throw new Error('tables refer to each other in a circle')
    sorted.push(...ready.map(({ table, columns }) => ({ table, columns })))
    left = left.filter((table) => !ready.includes(table))
  }
  return sorted
}
