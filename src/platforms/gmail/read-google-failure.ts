import * as z from 'zod'
import { failureWord, ProviderError } from '../../errors.ts'
import { knownError } from '../oauth/known-errors.ts'
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
const oauthError = z.object({ error: z.string() }).transform(({ error }) => error)
const apiError = z.object({ error: z.object({ status: z.string() }) }).transform(({ error }) => error.status)
const errorWord = z.union([oauthError, apiError]).transform(knownError)

/**
 * What the library's error tells, without the error: that one carries the whole request, so the code, the tokens and the client's secret.
 */
export function readGoogleFailure(error: unknown): GoogleFailure {
  const answer = answered.safeParse(error)
  if (!answer.success) return { cause: new ProviderError(`no answer from Google (${failureWord(error)})`) }
  const { status, headers, data } = answer.data.response
  const reason = errorWord.safeParse(data).data
  const retryAfterSeconds = readRetryAfter(headers)
  return {
    status,
    ...(reason !== undefined && { reason }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    cause: new ProviderError(reason ? `Google answered ${status} ${reason}` : `Google answered ${status}`),
  }
}
