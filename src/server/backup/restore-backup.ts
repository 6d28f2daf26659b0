import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Sql, TransactionSql } from 'postgres'
import { applyMigrations, readMigrations } from '../../postgres/migrate/migrate-database.ts'
import { planMigrations } from '../../postgres/migrate/plan-migrations.ts'
import { BackupError, type BackupHeader, readBackup } from './backup-file.ts'
import { portable } from './write-backup.ts'

const chunkBytes = 64 * 1024

/**
 * Fills an empty database from a backup, wholly or not at all: the schema as it was then, the rows, and the migrations that came since. Gives how
 * many those were.
 */
export async function restoreBackup(
  sql: Sql,
  { path, header, migrationsFolder }: { path: string; header: BackupHeader; migrationsFolder: string },
): Promise<number> {
  const migrations = readMigrations(migrationsFolder)
  if (header.migrations.length > migrations.length)
    throw new BackupError(`the backup was made by a newer version (${header.version}); restore it with that version`)
  const since = planMigrations(migrations, header.migrations)
  await sql.begin(async (tx) => {
    await tx.unsafe(portable)
    await refuseTables(tx)
    await applyMigrations(tx, migrations.slice(0, header.migrations.length))
    await copyRows(tx, path)
    await moveSequences(tx)
    if (since.length > 0) await applyMigrations(tx, migrations)
  })
  return since.length
}

async function refuseTables(tx: TransactionSql): Promise<void> {
  const [found] = await tx<{ name: string }[]>`
    select nspname || '.' || relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and nspname !~ '^pg_' and nspname <> 'information_schema' limit 1`
  if (found) throw new BackupError(`the database is not empty: it has the table ${found.name}`)
}

async function copyRows(tx: TransactionSql, path: string): Promise<void> {
  let stream: Writable | undefined
  let waiting: Buffer[] = []
  let bytes = 0
  const flush = async () => {
    const chunk = Buffer.concat(waiting)
    waiting = []
    bytes = 0
    if (chunk.length > 0 && stream && !stream.write(chunk)) await once(stream, 'drain')
  }
  await readBackup(path, {
    header: () => undefined,
    async table({ table, columns }) {
      stream = await tx`copy ${tx(table)} (${tx(columns)}) from stdin`.writable()
    },
    async row(row) {
      waiting.push(row, newline)
      bytes += row.length + 1
      if (bytes > chunkBytes) await flush()
    },
    async endOfTable() {
      await flush()
      if (!stream) return
      const finished = once(stream, 'finish')
      stream.end()
      await finished
    },
  })
}

const newline = Buffer.from('\n')

/** Rows came with their numbers: the next ones go on behind them. */
async function moveSequences(tx: TransactionSql): Promise<void> {
  const columns = await tx<{ table: string; column: string; sequence: string }[]>`
    select relname as table, attname as column, pg_get_serial_sequence(quote_ident(relname), attname) as sequence
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relkind = 'r' and relnamespace = current_schema()::regnamespace and attnum > 0 and not attisdropped
      and pg_get_serial_sequence(quote_ident(relname), attname) is not null`
  for (const { table, column, sequence } of columns)
    await tx`select setval(${sequence}, coalesce(max(${tx(column)}), 0) + 1, false) from ${tx(table)}`
}
