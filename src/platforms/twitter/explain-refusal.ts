import { RefusedError, UnavailableError } from '../../errors.ts'
import { TwitterRefusal } from './send.ts'

/** Rethrows what went wrong at a step of connecting. A 4xx is the user's when `isUsersFault` says so, else the operator's. */
export function explainRefusal(isUsersFault: (refusal: TwitterRefusal) => boolean) {
  return (error: unknown): never => {
    if (!(error instanceof TwitterRefusal)) throw error
    if (error.status === 429) {
      const { retryAfterSeconds } = error
      throw new RefusedError('too_many_requests', 'Twitter takes no more requests for now', { retryAfterSeconds })
    }
    // 402: the operator's credits at X are used up.
    if (error.status !== 402 && isUsersFault(error)) throw authorizationRefused()
    throw new UnavailableError('Twitter', { cause: error })
  }
}

/** One answer for a wrong, foreign, expired and used authorization: which one it was tells an attacker something. */
export function authorizationRefused() {
  return new RefusedError('forbidden', 'the authorization was refused: start again')
}

/** Swallows the refusal of a token that is gone already; anything else is to be tried again. */
export function unlessGone(isGone: (refusal: TwitterRefusal) => boolean) {
  return (error: unknown) => {
    if (!(error instanceof TwitterRefusal)) throw error
    if (isGone(error)) return
    const { status, retryAfterSeconds } = error
    throw new UnavailableError('Twitter', { cause: error, ...(status === 429 && { retryAfterSeconds }) })
  }
}
