/** Why a request is refused. Only `api/respond-to-error.ts` knows which HTTP status answers which reason. */
export type Refusal =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unprocessable'
  | 'too_many_requests'

/** What else the caller may learn of a refusal. */
export type RefusalDetails = {
  /** The body or path fields at fault, in wire names. */
  fields?: readonly string[]
  /** Whole seconds until the same request may succeed. */
  retryAfterSeconds?: number
  /** The methods that a path does take. */
  allow?: readonly string[]
}

/** The caller can't have what it asks for. `message` is shown to callers: no secrets, no provider's own words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly refusal: Refusal
  readonly details: RefusalDetails

  constructor(refusal: Refusal, message: string, details: RefusalDetails = {}) {
    super(message)
    this.refusal = refusal
    this.details = details
  }
}

/** Something this server depends on (database, platform, SMS provider) can't answer now. The cause is logged, never shown. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  readonly retryAfterSeconds: number

  constructor(what: string, { cause, retryAfterSeconds = 5 }: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(`${what} is unavailable`, { cause })
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** SECRET_KEYS doesn't fit what is stored: told once when that is noticed, and not again with each request that is refused. */
export class RefusingWritesError extends UnavailableError {
  constructor() {
    super('the key ring', { retryAfterSeconds: 30 })
  }
}

/**
 * What a provider (platform, SMS, captcha) answered or failed to, in words of this server's own: a status, a known error code. What a library
 * throws, or a provider says, may repeat the request with its secrets; this is all that may be logged, stored and shown to operators.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
}

/** The innermost code of a chain of errors (`ECONNRESET`), else its name (`AbortError`): messages may quote what was sent. */
export function failureWord(error: unknown): string {
  let word = 'unknown'
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name
    word = /^\w{1,60}$/.test(code) ? code : 'unknown'
  }
  return word
}

/** How what threw this ended: by the caller's fault, that of something this server depends on, or this server's own. */
export function outcomeOf(error: unknown): 'refused' | 'unavailable' | 'failed' {
  if (error instanceof RefusedError) return 'refused'
  return error instanceof UnavailableError ? 'unavailable' : 'failed'
}
