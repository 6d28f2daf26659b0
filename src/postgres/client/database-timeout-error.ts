/** The database didn't answer in time. `code` as drivers have it: postgres/errors.ts knows it. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError'
  readonly code = 'DATABASE_TIMEOUT'
}
