import type { RetryOptions } from './client-options.ts'

/** Sends until there is an answer worth having, or the tries are used up. */
export async function repeat(
  send: () => Promise<Response>,
  { method, signal }: RequestInit,
  { times, waitSeconds = 1, longestWaitSeconds = 10 }: RetryOptions,
): Promise<Response> {
  const onlyReads = method === 'GET'
  for (let left = times; ; left--) {
    const outcome = await send().catch((error: unknown) => ({ error }))
    const lost = 'error' in outcome
    const isTemporary = lost || [502, 503, 504].includes(outcome.status)
    const seconds = lost ? waitSeconds : Number(outcome.headers.get('Retry-After') ?? waitSeconds)
    const isRepeatable = onlyReads ? isTemporary || outcome.status === 429 : !lost && outcome.status === 429
    // Written so that a Retry-After that is no number isn't waited for.
    if (left <= 0 || signal?.aborted || !isRepeatable || !(seconds <= longestWaitSeconds)) {
      if (lost) throw outcome.error
      return outcome
    }
    if (!lost) await outcome.body?.cancel()
    await wait(seconds, signal)
  }
}

function wait(seconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
