import { UnavailableError } from '../../errors.ts'
import { retryAfterSeconds } from './retry-after.ts'

/** Where Twitter is and how to get there. */
export type TwitterReach = {
  /** Puts every endpoint below one address (a stand-in); unset: Twitter itself. */
  readonly baseUrl?: string | undefined
  readonly fetch?: typeof fetch | undefined
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined
}

/** Twitter read the request and said no (4xx). Each step of a driver decides whose fault that is. The message is for the log only. */
export class TwitterRefusal extends Error {
  override readonly name = 'TwitterRefusal'
  readonly status: number
  /** Error numbers of the 1.1 API: 32, 89, 215 … */
  readonly codes: readonly number[]
  /** OAuth 2's error name (`invalid_request`), or the problem type of the v2 API. */
  readonly kind: string
  readonly description: string
  /** For 429 only. */
  readonly retryAfterSeconds: number

  constructor(status: number, body: string, retryAfterSeconds: number) {
    super(`Twitter answered ${status}: ${body.slice(0, 500)}`)
    const answer = asObject(body)
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
    this.kind = String(answer.error ?? answer.type ?? '')
    this.description = String(answer.error_description ?? answer.detail ?? '')
    this.codes = Array.isArray(answer.errors) ? answer.errors.map((error) => Number(error?.code)) : []
  }
}

/** The same path and query below `baseUrl`. */
export function atBase(address: string | URL, baseUrl: string | undefined) {
  const url = new URL(address)
  return baseUrl === undefined ? url : new URL(`${baseUrl.replace(/\/+$/, '')}${url.pathname}${url.search}`)
}

/** Sends one request once. Throws `TwitterRefusal` for a 4xx and `UnavailableError` for anything else that isn't a success. */
export async function send(url: URL, request: RequestInit, { baseUrl, fetch = globalThis.fetch, now }: TwitterReach) {
  const { status, headers, body } = await fetch(atBase(url, baseUrl), { ...request, redirect: 'manual' })
    .then(async (response) => ({ status: response.status, headers: response.headers, body: await response.text() }))
    .catch((cause: unknown) => {
      throw new UnavailableError('Twitter', { cause })
    })
  if (status >= 200 && status < 300) return { body, headers }
  const refusal = new TwitterRefusal(status, body, retryAfterSeconds(headers, now?.() ?? Date.now()))
  // A web page in place of an answer comes from a proxy in between, not from the API.
  const fromApi = status >= 400 && status < 500 && !/^\s*<(!doctype|html)/i.test(body)
  throw fromApi ? refusal : new UnavailableError('Twitter', { cause: refusal })
}

function asObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? { ...value } : {}
  } catch {
    return {}
  }
}
