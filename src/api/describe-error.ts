import { DrizzleQueryError } from 'drizzle-orm/errors'

/** An error for the log. Query parameters and Postgres's details hold people's values: they stay out. */
export function describeError(error: unknown): Record<string, unknown> {
  if (error instanceof DrizzleQueryError)
    return { ...describeError(error.cause), query: error.query.replace(/\s+/g, ' ').slice(0, 200) }
  if (!(error instanceof Error)) return { message: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return {
    name: error.name,
    message: error.message,
    ...code,
    stack: error.stack
      ?.split('\n')
      .slice(1, 8)
      .map((line) => line.trim()),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  }
}
