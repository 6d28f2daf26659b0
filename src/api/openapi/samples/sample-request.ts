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
