/** Connection failures of Node, of postgres.js and of our own client. */
const connection: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'DATABASE_TIMEOUT',
  'DATABASE_CONNECT',
])

/**
 * What Postgres says when it can't do now what it otherwise would. Whole classes: 08 connection, 28 login, 53 resources (disk full, out of memory,
 * too many connections), 57 an operator's or a time limit's doing, 58 the system under it. And: read-only (a standby), transactions that took
 * too long, a lock not got in time, no such database, a prepared statement that a pooler has lost. No deadlock: that's a defect here, to be seen as one.
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const refusal = /^(08|28|53|57|58)...$|^(25006|25P03|25P04|26000|42P05|55P03|3D000)$/

/** Whether a query failed because the database can't be reached or can't serve now, rather than by its own fault. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && (connection.has(error.code) || refusal.test(String(error.code)))) return true
  return isUnreachable(error.cause)
}

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

/** The database didn't answer in time. `code` as drivers have it: postgres/errors.ts knows it. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError'
  readonly code = 'DATABASE_TIMEOUT'
}
