import * as z from 'zod'

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })

const credentialsOf = (value: string) => {
  const { username = '', password = '' } = URL.parse(value) ?? {}
  return { username, password }
}

const hasCredentials = (value: string) => Object.values(credentialsOf(value)).some((part) => part !== '')
const hasQuery = (value: string) => /[?#]/.test(value)
const isDecodable = (value: string) => {
  try {
    return Object.values(credentialsOf(value)).every((part) => decodeURIComponent(part) !== undefined)
  } catch {
    return false
  }
}

const withoutQuery = <Schema extends typeof httpUrl>(schema: Schema) =>
  schema.refine((value) => !hasQuery(value), 'must end before ? and #: paths are added to it')
const withCredentials = <Schema extends typeof httpUrl>(schema: Schema) =>
  schema.refine(isDecodable, 'must have its user name and password percent-encoded')

/** A host whose protocol has credentials of its own: a user name or password in the URL would go nowhere. */
export const baseUrl = withoutQuery(
  httpUrl.refine((value) => !hasCredentials(value), 'must not hold a user name or password'),
)
/** An endpoint that may ask for Basic authentication, by a user name and password in its URL. */
export const endpointUrl = withCredentials(httpUrl)
/** The same, to which paths are added. */
export const endpointBaseUrl = withCredentials(withoutQuery(httpUrl))

export type Endpoint = {
  /** Without credentials: `fetch` refuses a URL that holds some, in a message that quotes it. */
  url: string
  /** The header that they become. */
  authorization?: string
}

export function endpointOf(value: string): Endpoint {
  if (!hasCredentials(value)) return { url: value }
  const { username, password } = credentialsOf(value)
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const bytes = String.fromCharCode(...new TextEncoder().encode(pair))
  return {
    url: Object.assign(new URL(value), { username: '', password: '' }).href,
    authorization: `Basic ${btoa(bytes)}`,
  }
}
