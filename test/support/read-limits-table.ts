/** A row of the page's table. `hourly`, `daily`: undefined where the table has a dash. */
export type LimitRow = { name: string; hourly: number | undefined; daily: number | undefined; settings: string[] }

/** The table of docs/operations/limits.md. */
export function readLimitsTable(page: string): LimitRow[] {
  const [, afterMarker = ''] = page.split('<!-- limits -->')
  const [table = ''] = afterMarker.trimStart().split('\n\n')
  const lines = table.split('\n').slice(2)
  return lines.map((line) => {
    const [what = '', per = '', hourly, daily, settings = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return {
      name: `${what} by ${per}`,
      hourly: figureOf(hourly),
      daily: figureOf(daily),
      settings: [...settings.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
    }
  })
}

function figureOf(cell: string | undefined): number | undefined {
  if (cell === undefined || cell === '–') return undefined
  const figure = Number(cell)
  if (!Number.isInteger(figure)) throw new Error(`not a figure: ${cell}`)
  return figure
}
