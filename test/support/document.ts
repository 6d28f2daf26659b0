import { readFileSync } from 'node:fs'

type Shape = Readonly<Record<string, { type: string; items?: Shape }>>

/** One operation of the API document. */
export type Operation = {
  method: string
  path: string
  requestBody: Readonly<Record<string, { type: string }>>
  success: { status: string; body: Shape }
  responses: Readonly<Record<string, unknown>>
}

const file = new URL('./api-document.json', import.meta.url)

/** The API document as data. */
export const operations: readonly Operation[] = JSON.parse(readFileSync(file, 'utf8')).operations

/** What a value's fields are, in the document's words, to be compared with a success body of the document. */
export function shapeOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return typeof body
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, fieldOf(value)]))
}

const fieldOf = (value: unknown) =>
  Array.isArray(value)
    ? { type: '[object]', items: shapeOf(value[0]) }
    : { type: value === null ? 'null' : typeof value }
