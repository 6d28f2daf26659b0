import { ProviderError, RefusedError, UnavailableError } from '../../errors.ts'

/** A platform read the request and said no (4xx). Each step of a driver decides whose fault that is. It keeps nothing else of the answer. */
export class PlatformRefusal extends ProviderError {
  readonly platform: string
  readonly status: number
  /** OAuth 2's error name (`invalid_grant`), or the last word of a problem document's type, where it's a known one. */
  readonly kind: string | undefined
  /** The request is said to lack a parameter. */
  readonly lacksParameter: boolean
  /** The numbers of an `errors` list, as Twitter's 1.1 API has them: 32, 89, 215 … */
  readonly codes: readonly number[]
  /** For 429 only. */
  readonly retryAfterSeconds: number

  constructor(platform: string, status: number, body: string, retryAfterSeconds: number) {
    const answer = asObject(body)
    const kind = knownError(answer.error ?? answer.type)
    const codes = Array.isArray(answer.errors)
      ? answer.errors.map((error) => error?.code).filter((code) => Number.isInteger(code) && code > 0 && code < 1000)
      : []
    super([`${platform} answered ${status}`, ...(kind ? [kind] : []), ...codes.slice(0, 3)].join(' '))
    this.platform = platform
    this.status = status
    this.kind = kind
    this.lacksParameter = String(answer.error_description ?? answer.detail).startsWith('Missing required parameter')
    this.codes = codes
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * The error codes that platforms are known to answer. Only these are logged and stored: anything else in that place may be a copy of what was
 * sent. Sources: RFC 6749, 7009, 6750, 8628 and OpenID Connect; https://developers.google.com/identity/protocols/oauth2/web-server and
 * https://google.aip.dev/193; https://docs.x.com/x-api/fundamentals/response-codes-and-errors
 */
const knownErrors: ReadonlySet<string> = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
  ...['invalid_scope', 'access_denied', 'unsupported_response_type', 'server_error', 'temporarily_unavailable'],
  ...['unsupported_token_type', 'invalid_token', 'insufficient_scope', 'invalid_redirect_uri', 'slow_down'],
  ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required'],
  // Google's
  ...['admin_policy_enforced', 'deleted_client', 'disabled_client', 'disallowed_useragent', 'org_internal'],
  ...['redirect_uri_mismatch', 'rate_limit_exceeded', 'quota_exceeded', 'internal_failure', 'restricted_client'],
  ...['CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'INTERNAL'],
  ...['PERMISSION_DENIED', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'DATA_LOSS'],
  ...['OUT_OF_RANGE', 'UNIMPLEMENTED', 'UNAVAILABLE'],
  // Types of X's problem documents
  ...['client-forbidden', 'oauth1-permissions', 'unsupported-authentication', 'not-authorized-for-resource'],
  ...['not-authorized-for-field', 'resource-not-found', 'resource-unavailable', 'invalid-request', 'usage-capped'],
  ...['disallowed-resource', 'conflict'],
])

/** A known code, as it stands or as the end of a problem document's type; undefined for any other. */
export function knownError(said: unknown): string | undefined {
  if (typeof said !== 'string') return undefined
  const word = said.slice(said.lastIndexOf('/') + 1)
  return knownErrors.has(word) ? word : undefined
}

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

/** When a platform answered, by its own clock, in epoch milliseconds. This machine's, which may be wrong, where the answer doesn't say. */
export function answeredAt(headers: Headers): number {
  const date = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(date) ? Date.now() : date
}

function asObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? { ...value } : {}
  } catch {
    return {}
  }
}
