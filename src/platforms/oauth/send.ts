import { ProviderError, UnavailableError } from '../../errors.ts'
import { knownError } from './known-errors.ts'
import { readRetryAfter } from './read-retry-after.ts'

/** How requests leave. Unset: as the runtime does it. */
export type Transport = {
  readonly fetch?: typeof fetch | undefined
}

const defaultRetryAfterSeconds = 60

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
 * Sends one request once; `platform` is its name in messages. Throws `PlatformRefusal` for a 4xx and `UnavailableError` for anything else
 * that isn't a success.
 */
export async function send(
  platform: string,
  url: URL,
  request: RequestInit & { signal: AbortSignal },
  { fetch = globalThis.fetch }: Transport,
) {
  // A redirect would carry secrets elsewhere.
  const { status, headers, body } = await fetch(url, { ...request, redirect: 'manual' })
    .then(async (response) => ({ status: response.status, headers: response.headers, body: await response.text() }))
    .catch((cause: unknown) => {
      throw new UnavailableError(platform, { cause })
    })
  if (status >= 200 && status < 300) return { body, headers }
  const refusal = new PlatformRefusal(platform, status, body, readRetryAfter(headers) ?? defaultRetryAfterSeconds)
  // A web page in place of an answer comes from a proxy in between, not from the API.
  const fromApi = status >= 400 && status < 500 && !/^\s*<(!doctype|html)/i.test(body)
  throw fromApi ? refusal : new UnavailableError(platform, { cause: refusal })
}

function asObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? { ...value } : {}
  } catch {
    return {}
  }
}
