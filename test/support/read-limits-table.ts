/** A row of the page's tables: what its cells for an hour and for a day say. */
export type LimitRow = { name: string; hour: string; day: string; settings: string[] }

/** The tables of docs/operations/limits.md that say how often something may be done. */
export function readLimitsTable(page: string): LimitRow[] {
  const tables = page.split('| what | counted per | an hour | a day | settings |').slice(1)
  const lines = tables.flatMap((table) => table.trimStart().split('\n\n', 1)[0]?.split('\n').slice(1) ?? [])
  return lines.map((line) => {
    const [what = '', per = '', hour = '', day = '', settings = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return {
      name: `${what} by ${per}`,
      hour,
      day,
      settings: [...settings.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
    }
  })
}
