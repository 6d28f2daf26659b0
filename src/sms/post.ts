import { ProviderError, UnavailableError } from '../errors.ts'

/** As the platform's own `fetch`; another one serves proxies and tests. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export type PostOptions = {
  fetch?: Fetch | undefined
  /** The whole exchange, body included: 10 unless said otherwise. After it nobody knows whether the message went out. */
  timeoutSeconds?: number | undefined
}

/** POSTs once and resolves to a 2xx or 4xx answer; any other answer, or none, is an `UnavailableError`. */
export async function post(
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string | URLSearchParams },
  { fetch = globalThis.fetch, timeoutSeconds = 10 }: PostOptions,
): Promise<Response> {
  // A followed redirect would hand the code to whichever host it names.
  const init = { method: 'POST', headers, body, redirect: 'manual' } as const
  const signal = AbortSignal.timeout(timeoutSeconds * 1000)
  const response = await fetch(url, { ...init, signal }).catch((cause: unknown) => {
    throw smsUnavailable(cause)
  })
  if (response.ok || (response.status >= 400 && response.status < 500)) return response
  await discardBody(response)
  throw smsUnavailable(new ProviderError(`it answered ${response.status}`))
}

/** Frees the connection of an answer whose body doesn't matter. */
export async function discardBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}

export function smsUnavailable(cause: unknown): UnavailableError {
  return new UnavailableError('the SMS provider', { cause })
}
