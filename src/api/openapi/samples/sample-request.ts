/** One request as the samples show it. What the reader has to fill in stands in braces. */
export type SampleRequest = {
  /** The operation, which is also its name in our client. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Where the API is, with its base path. */
  server: string
  path: string
  /** Those of the path's parameters, by name: a value or a placeholder. */
  params: Readonly<Record<string, string>>
  /** Absent: the request has no body. */
  body?: Readonly<Record<string, unknown>>
  needsSession: boolean
}

export type Sample = { lang: string; label: string; source: string }

export const jsonOf = (body: object): string => JSON.stringify(body, null, 2)

export const indent = (text: string, spaces: number): string => text.replaceAll('\n', `\n${' '.repeat(spaces)}`)

/** How a language writes JSON's values. */
export type Notation = {
  string: (value: string) => string
  key: (name: string) => string
  object: readonly [open: string, close: string]
  /** Where the brackets alone would be a list. */
  emptyObject?: string
  none: string
  flags: readonly [yes: string, no: string]
}

/** A value of JSON as a literal of a language, `depth` levels in. */
export function writeLiteral(
  value: unknown,
  notation: Notation,
  { depth, step }: { depth: number; step: number },
): string {
  if (value === null || value === undefined) return notation.none
  if (typeof value === 'string') return notation.string(value)
  if (typeof value === 'boolean') return notation.flags[value ? 0 : 1]
  if (typeof value !== 'object') return String(value)
  const inner = { depth: depth + 1, step }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : notation.object
  const entries = Array.isArray(value)
    ? value.map((item) => writeLiteral(item, notation, inner))
    : Object.entries(value).map(([name, item]) => `${notation.key(name)}${writeLiteral(item, notation, inner)}`)
  if (entries.length === 0) return (!Array.isArray(value) && notation.emptyObject) || `${open}${close}`
  const lines = entries.map((entry) => `${' '.repeat(step * (depth + 1))}${entry},\n`)
  return `${open}\n${lines.join('')}${' '.repeat(step * depth)}${close}`
}

/** Between single quotes, where only the quote and the backslash mean something. */
export const singleQuoted = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`
