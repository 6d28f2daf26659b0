import * as z from 'zod'
import { readRetryAfter } from '../oauth/read-retry-after.ts'

type GoogleFailure = {
  /** Absent: no answer came. */
  readonly status?: number
  /** Google's own word for it (`invalid_grant`), where it gives one. */
  readonly reason?: string
  readonly retryAfterSeconds?: number
  /** Safe to log. */
  readonly cause: Error
}

const answered = z.object({
  response: z.object({ status: z.number(), headers: z.instanceof(Headers), data: z.unknown() }),
})
// OAuth endpoints name the error, API endpoints describe it (https://google.aip.dev/193).
const oauthError = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) }).transform(({ error }) => error)
const apiError = z
  .object({ error: z.object({ status: z.string().regex(/^[A-Z_]{1,40}$/) }) })
  .transform(({ error }) => error.status)
const errorWord = z.union([oauthError, apiError])

/**
 * What the library's error tells, without the error: that one carries the whole request, so the code, the tokens and the client's secret.
 */
export function readGoogleFailure(error: unknown): GoogleFailure {
  const answer = answered.safeParse(error)
  if (!answer.success) return { cause: new Error(`no answer from Google (${networkWord(error)})`) }
  const { status, headers, data } = answer.data.response
  const reason = errorWord.safeParse(data).data
  const retryAfterSeconds = readRetryAfter(headers)
  return {
    status,
    ...(reason !== undefined && { reason }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    cause: new Error(reason ? `Google answered ${status} ${reason}` : `Google answered ${status}`),
  }
}

/** The innermost code of a chain of errors (`ECONNRESET`), else its name (`AbortError`): messages may quote the request. */
function networkWord(error: unknown): string {
  let word = 'unknown'
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    word = 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name
  }
  return word
}
