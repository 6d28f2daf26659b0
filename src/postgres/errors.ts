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
