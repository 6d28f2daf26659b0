/** `error`'s SQLSTATE, or the code of a failure of the network. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

/** Refused since nothing can be written there: a standby, or a server that was made read-only. Nothing was done. */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006'

/**
 * The transaction met another's change, under an isolation level that the server or the role has as its default: with ours (read committed) it
 * would have waited or gone on. Nothing was done.
 */
export const isConflict = (error: unknown): boolean => codeOf(error) === '40001'

/** Somebody asked the server to cancel it. Nothing was done. */
export const isCancelled = (error: unknown): boolean => codeOf(error) === '57014'

/** The server knows no statement of that name, or has one already: a pooler has changed the connection under it. */
export const isUnprepared = (error: unknown): boolean => ['26000', '42P05'].includes(codeOf(error) ?? '')

/** Where it began, below what was put around it, which may show a statement and its parameters. */
export const rootOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error

/** What it says in a line. Of several addresses that fail, Node says nothing but the code. */
export function messageOfRoot(error: unknown): string {
  const root = rootOf(error)
  if (!(root instanceof Error)) return 'unknown'
  return root.message || (codeOf(root) ?? root.name)
}

/** No connection could be made, whatever kept it from that: an address, a file, a certificate. */
export class DatabaseConnectError extends Error {
  override readonly name = 'DatabaseConnectError'
  readonly code = 'DATABASE_CONNECT'

  constructor(cause: unknown) {
    super('no connection to the database', { cause })
  }
}
