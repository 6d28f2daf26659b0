import type * as z from 'zod'
import { ProviderError, UnavailableError } from '../../errors.ts'
import { PlatformRefusal, readRetryAfter } from './errors.ts'

/** How requests leave. Unset: as the runtime does it. */
export type Transport = {
  readonly fetch?: typeof fetch | undefined
}

const defaultRetryAfterSeconds = 60

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

/** A successful answer, once it is what its endpoint promises. Throws `UnavailableError`: nothing may be built from anything else. */
export function readAnswer<T>(platform: string, promised: z.ZodType<T>, answer: unknown): T {
  const read = promised.safeParse(answer)
  if (!read.success) {
    // Of the fields that were expected: what else stood in the answer is nobody's to read.
    const locations = read.error.issues.map(({ path, code }) => `${code} at ${path.join('.') || 'its root'}`)
    throw new UnavailableError(platform, {
      cause: new ProviderError(`${platform} sent an unexpected response: ${[...new Set(locations)].join(', ')}`),
    })
  }
  return read.data
}

/** The same of a body. */
export function readJson<T>(platform: string, promised: z.ZodType<T>, body: string): T {
  return readAnswer(platform, promised, parse(platform, body))
}

// The parser's own error quotes the text, which may hold tokens, and goes to the log.
function parse(platform: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnavailableError(platform, { cause: new ProviderError(`${platform} did not respond with JSON`) })
  }
}
