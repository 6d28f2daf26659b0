/** One line of the result. Shares and figures are of the rounds: median, least and most. */
export type Figure = {
  what: string
  unit: string
  median: number
  least: number
  most: number
  /** Absent: shown for comparison only. */
  target?: { atMost: number } | { atLeast: number } | { below: number }
}

export const sorted = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right)

export const median = (values: readonly number[]): number => {
  const [low, high] = [sorted(values)[(values.length - 1) >> 1], sorted(values)[values.length >> 1]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}

/** `unit` empty: a ratio. */
export function figure(what: string, values: readonly number[], unit = '', target?: Figure['target']): Figure {
  const spread = { median: median(values), least: Math.min(...values), most: Math.max(...values) }
  return { what, unit, ...spread, ...(target && { target }) }
}

export function isMet({ median, target }: Figure): boolean | undefined {
  if (!target) return undefined
  if ('atLeast' in target) return median >= target.atLeast
  return 'below' in target ? median < target.below : median <= target.atMost
}

export function printFigures(figures: readonly Figure[]): string {
  const rows = figures.map((shown) => {
    const met = isMet(shown)
    return [
      shown.what,
      `${write(shown.median)} ${shown.unit}`,
      `${write(shown.least)}–${write(shown.most)}`,
      writeTarget(shown),
      met === undefined ? '' : met ? 'met' : 'MISSED',
    ]
  })
  const table = [['what', 'median', 'least–most', 'target', ''], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const write = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)

function writeTarget({ target }: Figure): string {
  if (!target) return ''
  if ('atLeast' in target) return `≥ ${target.atLeast}`
  return 'below' in target ? `< ${target.below}` : `≤ ${target.atMost}`
}
