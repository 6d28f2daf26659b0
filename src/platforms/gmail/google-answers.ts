import { base64url } from 'oslo/encoding'
import * as z from 'zod'
import { failureWord, ProviderError, RefusedError, UnavailableError } from '../../errors.ts'
import { knownError, readRetryAfter } from '../oauth/errors.ts'

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  /** Epoch milliseconds; the library's own, from `expires_in`. */
  expiry_date: z.number().optional(),
  scope: z.string(),
  token_type: z.string(),
  id_token: z.string().optional(),
})

const claims = z.object({ sub: z.string().min(1) })

/**
 * The account that an ID token is about. It came over TLS from Google itself, which is what its signature would prove
 * (OpenID Connect Core, 3.1.3.7).
 */
export function accountOf(idToken: string | undefined): string | undefined {
  const [, payload = ''] = idToken?.split('.') ?? []
  try {
    const text = new TextDecoder().decode(base64url.decode(payload, { strict: false }))
    return claims.safeParse(JSON.parse(text)).data?.sub
  } catch {
    return undefined
  }
}

// Google answers `id` at this endpoint and `sub` at the OpenID one; emulators mix them. The value is the same.
const user = z.object({ name: z.string().optional(), email: z.string().optional() })
export const userAnswer = z.union([
  user.extend({ sub: z.string().min(1) }).transform(({ sub, ...profile }) => ({ accountId: sub, profile })),
  user.extend({ id: z.string().min(1) }).transform(({ id, ...profile }) => ({ accountId: id, profile })),
])

/** Throws what the library's error means for the user. */
export function refuse(error: unknown): never {
  const failure = readGoogleFailure(error)
  if (failure.reason === 'invalid_grant') throw new RefusedError('forbidden', 'the code is invalid, used or expired')
  if (failure.status === 401 && failure.reason === 'UNAUTHENTICATED')
    throw new RefusedError('forbidden', 'the permission was revoked in the meantime; start again')
  if (failure.status === 429) {
    const { retryAfterSeconds = 60 } = failure
    throw new RefusedError('too_many_requests', 'Google is rate limiting; try again later', { retryAfterSeconds })
  }
  throw new UnavailableError('Google', failure)
}

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
