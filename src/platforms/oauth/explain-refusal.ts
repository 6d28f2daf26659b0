import { RefusedError, UnavailableError } from '../../errors.ts'
import { PlatformRefusal } from './send.ts'

/** Rethrows what went wrong at a step of connecting. A 4xx is the user's when `isUsersFault` says so, else the operator's. */
export function explainRefusal(isUsersFault: (refusal: PlatformRefusal) => boolean) {
  return (error: unknown): never => {
    if (!(error instanceof PlatformRefusal)) throw error
    const { platform, status, retryAfterSeconds } = error
    if (status === 429) {
      throw new RefusedError('too_many_requests', `${platform} is rate limiting; try again later`, {
        retryAfterSeconds,
      })
    }
    // 402: the operator's credits at the platform are used up.
    if (status !== 402 && isUsersFault(error)) throw authorizationRefused()
    throw new UnavailableError(platform, { cause: error })
  }
}

/** One answer for a wrong, foreign, expired and used authorization: which one it was tells an attacker something. */
export function authorizationRefused() {
  return new RefusedError('forbidden', 'the authorization was refused; start again')
}

/** Swallows the refusal of a token that is gone already; anything else is to be tried again. */
export function ignoreIfGone(isGone: (refusal: PlatformRefusal) => boolean) {
  return (error: unknown) => {
    if (!(error instanceof PlatformRefusal)) throw error
    if (isGone(error)) return
    const { platform, status, retryAfterSeconds } = error
    throw new UnavailableError(platform, { cause: error, ...(status === 429 && { retryAfterSeconds }) })
  }
}
