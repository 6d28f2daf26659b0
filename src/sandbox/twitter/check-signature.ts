import type { Context } from 'hono'
import type { RefusalName } from './answers.ts'
import type { Memory } from './memory.ts'
import { isSignedWith, type Pairs, readOAuthHeader } from './signature.ts'

/** Clients sign for X's own address, wherever they send the request. */
const hosts = ['https://api.x.com', 'https://api.twitter.com']
const secondsOff = 300

type Checked =
  | { readonly refusal: RefusalName }
  | { readonly refusal?: never; readonly token: string | undefined; readonly fields: Readonly<Record<string, string>> }

/** Whether a request carries a right OAuth 1.0a signature. `secretOf`: the secret of a token the endpoint takes; absent: it takes none. */
export async function checkSignature(
  c: Context,
  { app, now, nonces }: Memory,
  secretOf?: (token: string) => string | undefined,
): Promise<Checked> {
  const url = new URL(c.req.url)
  const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')
  const form = isForm ? [...new URLSearchParams(await c.req.text())] : []
  const parameters = mergeParameters(readOAuthHeader(c.req.header('authorization')), [...url.searchParams, ...form])
  const fields: Record<string, string> = Object.fromEntries(parameters)

  const { oauth_consumer_key: key, oauth_nonce: nonce, oauth_timestamp: timestamp, oauth_token: token } = fields
  if (!key || !nonce || !timestamp || !fields.oauth_signature) return { refusal: 'badAuthentication' }
  if (fields.oauth_signature_method !== 'HMAC-SHA1') return { refusal: 'badAuthentication' }
  if ((fields.oauth_version ?? '1.0') !== '1.0') return { refusal: 'badAuthentication' }
  if (key !== app.apiKey) return { refusal: 'notAuthenticated' }
  // Not `>`: a timestamp that is no number is out of bounds too.
  if (!(Math.abs(Number(timestamp) - now() / 1000) <= secondsOff)) return { refusal: 'outOfTime' }
  const secret = secretOf === undefined ? '' : secretOf(token ?? '')
  if (secret === undefined) return { refusal: 'invalidToken' }

  const { method, path } = c.req
  const isRight = (host: string) => isSignedWith({ method, address: host + path, parameters }, app.apiKeySecret, secret)
  if (!hosts.some(isRight)) return { refusal: 'notAuthenticated' }
  const used = [key, token, timestamp, nonce].join(' ')
  if (nonces.has(used)) return { refusal: 'notAuthenticated' }
  nonces.add(used)
  return { token, fields }
}

// Some clients repeat `oauth_token` in the body of /oauth/access_token but sign it once, and X takes it.
function mergeParameters(header: Pairs, others: Pairs): Pairs {
  const isRepeated = ([name, value]: readonly [string, string]) =>
    name.startsWith('oauth_') && header.some((pair) => pair[0] === name && pair[1] === value)
  return [...header, ...others.filter((pair) => !isRepeated(pair))]
}
