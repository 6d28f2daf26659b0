import { answeredAt } from './answered-at.ts'

/**
 * Whole seconds until a platform takes requests again; undefined: it doesn't say. `Retry-After` holds seconds or a date; Twitter says it as
 * an epoch second in `x-rate-limit-reset`, Mastodon as an ISO date in `X-RateLimit-Reset`.
 */
export function readRetryAfter(headers: Headers): number | undefined {
  const now = answeredAt(headers)
  const wait = headers.get('retry-after')
  const reset = headers.get('x-rate-limit-reset') ?? headers.get('x-ratelimit-reset')
  const seconds = ((wait === null ? instant(reset, 0) : instant(wait, now)) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined
}

/** Epoch milliseconds. A number counts seconds from `start`. */
function instant(said: string | null, start: number): number {
  if (said === null) return Number.NaN
  return /^\d+(\.\d+)?$/.test(said) ? start + Number(said) * 1000 : Date.parse(said)
}
