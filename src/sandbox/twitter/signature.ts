import { createHmac, timingSafeEqual } from 'node:crypto'

export type Pairs = readonly (readonly [name: string, value: string])[]

export type SignedRequest = {
  readonly method: string
  /** As the client signed it: scheme, host and path, no query. */
  readonly address: string
  /** Every decoded parameter of header, query and form, with duplicates, without `realm`. */
  readonly parameters: Pairs
}

/** RFC 5849, 3.6: everything but letters, digits, `-._~` as upper-case hex of its UTF-8 bytes. */
function encode(text: string) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** RFC 5849, 3.4.1. */
export function signatureBase({ method, address, parameters }: SignedRequest) {
  const { protocol, host, pathname } = new URL(address)
  const pairs = parameters
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
  const joined = pairs.map((pair) => pair.join('=')).join('&')
  return [method.toUpperCase(), `${protocol}//${host}${pathname}`, joined].map(encode).join('&')
}

// By code unit: encoded text is ASCII, so this is the byte order that the RFC asks for.
function compare(a: string, b: string) {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** RFC 5849, 3.4.2. */
export function isSignedWith(request: SignedRequest, clientSecret: string, tokenSecret: string) {
  const sent = request.parameters.find(([name]) => name === 'oauth_signature')?.[1] ?? ''
  const right = createHmac('sha1', `${encode(clientSecret)}&${encode(tokenSecret)}`).update(signatureBase(request))
  const [a, b] = [right.digest(), Buffer.from(sent, 'base64')]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The pairs of an `Authorization: OAuth …` header, without `realm` (RFC 5849, 3.5.1); none if it is of another scheme. */
export function readOAuthHeader(header: string | undefined): Pairs {
  const [, list] = /^OAuth\s+(.*)$/is.exec(header ?? '') ?? []
  const found = [...(list ?? '').matchAll(/([^\s,=]+)\s*=\s*"([^"]*)"/g)]
  return found
    .map(([, name = '', value = '']) => [decode(name), decode(value)] as const)
    .filter(([name]) => name !== 'realm')
}

function decode(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
