const secondsWhenUnsaid = 60

/** Whole seconds until Twitter takes requests again. It says so as an epoch second in `x-rate-limit-reset`, a proxy in `Retry-After`. */
export function retryAfterSeconds(headers: Headers, now: number) {
  const said = headers.get('retry-after')
  const reset = Number(headers.get('x-rate-limit-reset') ?? Number.NaN)
  const seconds = said === null ? reset - now / 1000 : fromRetryAfter(said, now)
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : secondsWhenUnsaid
}

function fromRetryAfter(said: string, now: number) {
  const seconds = Number(said)
  return Number.isFinite(seconds) ? seconds : (Date.parse(said) - now) / 1000
}
