/** Keeps the session where the runtime doesn't: Node, Bun, workers. */
export interface CookieJar {
  /** What to send to this URL as `Cookie`; empty: nothing. */
  read(url: string): string
  /** Keeps what an answer of this URL sets. */
  write(url: string, setCookies: readonly string[]): void
}

type Cookie = { value: string; isSecure: boolean; expiresAt: number }

/** In memory and per origin, for `Path=/` cookies, which are all that the API sets. One jar is one signed-in person. */
export function cookieJar(): CookieJar {
  const origins = new Map<string, Map<string, Cookie>>()
  return {
    read(url) {
      const { origin } = new URL(url)
      const live = [...(origins.get(origin) ?? [])].filter(
        ([, { expiresAt, isSecure }]) => expiresAt > Date.now() && (!isSecure || isTrustworthy(url)),
      )
      return live.map(([name, { value }]) => `${name}=${value}`).join('; ')
    },
    write(url, setCookies) {
      const { origin } = new URL(url)
      const cookies = origins.get(origin) ?? new Map<string, Cookie>()
      for (const line of setCookies) cookies.set(...parse(line))
      origins.set(origin, cookies)
    },
  }
}

function parse(line: string): [name: string, cookie: Cookie] {
  const [pair = '', ...attributes] = line.split(';')
  const [name, value] = split(pair)
  const rest = new Map(attributes.map(split).map(([key, text]) => [key.toLowerCase(), text]))
  return [name, { value, isSecure: rest.has('secure'), expiresAt: expiryOf(rest) }]
}

function split(pair: string): [name: string, value: string] {
  const [name = '', ...value] = pair.split('=')
  return [name.trim(), value.join('=').trim()]
}

/** Max-Age wins over Expires (RFC 6265). */
function expiryOf(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined) return Date.now() + Number(maxAge) * 1000
  return Date.parse(attributes.get('expires') ?? '') || Number.POSITIVE_INFINITY
}

/** As browsers do, cookies marked Secure also go to this very machine. */
const isTrustworthy = (url: string) => /^(https:|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/])/.test(url)
