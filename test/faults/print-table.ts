import { readFileSync } from 'node:fs'
import { type Row, rowsFile } from './report.ts'

/** The table at the end of `npm run test:faults`. */
const rows = readFileSync(rowsFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
const columns = Object.keys(rows[0] ?? {}) as (keyof Row)[]
const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)))
const line = (cells: readonly (string | number)[]) =>
  cells.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join('  ')
process.stdout.write(
  `${[line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\n')}\n`,
)
