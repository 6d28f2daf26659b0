import type { ClientOptions } from './client-options.ts'
import { repeat } from './repeat.ts'

type Transport = (url: string, init: RequestInit) => Promise<Response>

/** Carries a request there and back: with its cookies, and again where that is wanted and safe. */
export function openTransport({
  fetch = (url, init) => globalThis.fetch(url, init),
  cookies,
  retry,
}: ClientOptions): Transport {
  const carry: Transport = async (url, init) => {
    const headers = new Headers(init.headers)
    const cookie = cookies?.read(url)
    if (cookie) headers.set('Cookie', cookie)
    // The API never redirects; a jar's cookies mustn't follow whoever does.
    const response = await fetch(url, {
      ...init,
      headers,
      ...(cookies ? { redirect: 'manual' } : { credentials: 'include' }),
    })
    cookies?.write(url, response.headers.getSetCookie())
    return response
  }
  return retry ? (url, init) => repeat(() => carry(url, init), init, retry) : carry
}
