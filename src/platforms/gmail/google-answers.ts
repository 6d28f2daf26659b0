import * as z from 'zod'
import { RefusedError, UnavailableError } from '../../errors.ts'
import { readGoogleFailure } from './read-google-failure.ts'

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  /** Epoch milliseconds; the library's own, from `expires_in`. */
  expiry_date: z.number().optional(),
  scope: z.string(),
  token_type: z.string(),
})

// Google answers `id` at this endpoint and `sub` at the OpenID one; emulators mix them. The value is the same.
const user = z.object({ name: z.string().optional(), email: z.string().optional() })
export const userAnswer = z.union([
  user.extend({ sub: z.string().min(1) }).transform(({ sub, ...profile }) => ({ accountId: sub, profile })),
  user.extend({ id: z.string().min(1) }).transform(({ id, ...profile }) => ({ accountId: id, profile })),
])

/** Throws what the library's error means for the user. */
export function refuse(error: unknown): never {
  const failure = readGoogleFailure(error)
  if (failure.reason === 'invalid_grant') throw new RefusedError('forbidden', 'the code is wrong, used or too old')
  if (failure.status === 429) {
    const { retryAfterSeconds = 60 } = failure
    throw new RefusedError('too_many_requests', 'Google asks to wait', { retryAfterSeconds })
  }
  throw new UnavailableError('Google', failure)
}
