import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import * as z from 'zod'

/*
 * A backup is gzip of lines: a header, then for each table a line that names it, its rows as COPY writes them in its text format (one row, one
 * line, and `\.` after the last), and in the end a line without which the file was cut short.
 */

const header = z.object({
  format: z.literal('smswithoutborders-backup'),
  formatVersion: z.literal(1),
  version: z.string(),
  createdAt: z.string(),
  /** The database's, oldest first: what its tables look like. */
  migrations: z.array(z.object({ when: z.number(), hash: z.string() })),
})
const table = z.object({ table: z.string(), columns: z.array(z.string()) })
const end = z.object({ end: z.literal(true), rows: z.number() })

export type BackupHeader = z.infer<typeof header>
export type BackupTable = z.infer<typeof table>

/** What a reader is told, in this order; `row` is a line without its end. */
export type BackupVisitor = {
  header(header: BackupHeader): void | Promise<void>
  table(table: BackupTable): void | Promise<void>
  row(row: Buffer): void | Promise<void>
  endOfTable?(): void | Promise<void>
}

const endOfRows = '\\.'
const newline = 0x0a

/** Writes lines to a new file that nobody else can read; it is whole only when this resolves. */
export async function writeLines(path: string, chunks: AsyncIterable<string | Uint8Array>): Promise<void> {
  await pipeline(chunks, createGzip(), createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }))
}

export const headerLine = (value: Omit<BackupHeader, 'format' | 'formatVersion'>) =>
  `${JSON.stringify({ format: 'smswithoutborders-backup', formatVersion: 1, ...value })}\n`
export const tableLine = (value: BackupTable) => `${JSON.stringify(value)}\n`
export const endOfRowsLine = `${endOfRows}\n`
export const endLine = (rows: number) => `${JSON.stringify({ end: true, rows })}\n`

/** Reads a backup to its end. Throws a `BackupError` where it is no backup, or not a whole one. Gives its number of rows. */
export async function readBackup(path: string, visitor: BackupVisitor): Promise<number> {
  const unpacked = createGunzip()
  const file = createReadStream(path).on('error', (error) => unpacked.destroy(error))
  const lines = splitLines(file.pipe(unpacked))
  const next = async () => {
    const { value, done } = await lines.next().catch((cause: unknown) => {
      const isMissing = cause instanceof Error && 'syscall' in cause
      throw new BackupError(isMissing ? cause.message : `${path} is not a complete backup`, { cause })
    })
    if (done) throw new BackupError(`${path} is truncated`)
    return value
  }
  await visitor.header(parse(path, header, await next()))
  for (let rows = 0; ; ) {
    const line = await next()
    const ended = end.safeParse(parseJson(line))
    if (ended.success) {
      if (ended.data.rows !== rows) throw new BackupError(`${path} has ${rows} rows; expected ${ended.data.rows}`)
      return rows
    }
    await visitor.table(parse(path, table, line))
    for (let row = await next(); row.toString('latin1') !== endOfRows; row = await next()) {
      await visitor.row(row)
      rows++
    }
    await visitor.endOfTable?.()
  }
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let rest: Buffer[] = []
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, at)])
      rest = []
      from = at + 1
    }
    rest.push(chunk.subarray(from))
  }
}

function parse<T>(path: string, schema: z.ZodType<T>, line: Buffer): T {
  const { success, data } = schema.safeParse(parseJson(line))
  if (!success) throw new BackupError(`${path} is not a backup made by this server`)
  return data
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString())
  } catch {
    return undefined
  }
}

/** Why a backup can't be restored. Its message is for the operator, whatever caused it. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}
