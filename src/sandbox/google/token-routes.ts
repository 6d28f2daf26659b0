import { createHash, createHmac } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { isClient, randomToken, readFields } from '../web/oauth.ts'
import type { Consent, GoogleClient, Memory } from './memory.ts'

const accessTokenSeconds = 3600

/** Tokens for codes, new ones for old, and their end: https://developers.google.com/identity/protocols/oauth2/web-server */
export function tokenRoutes({ client, codes, accessTokens, refreshTokens }: Memory) {
  return new Hono()
    .post('/oauth2/token', async (c) => {
      const fields = await readFields(c)
      if (!isClient(c, fields, client)) return refuse(c, 'invalid_client', 'Unauthorized', 401)
      if (fields.grant_type === 'authorization_code') return exchange(c, fields)
      if (fields.grant_type === 'refresh_token') return refresh(c, fields)
      return refuse(c, 'unsupported_grant_type', `Invalid grant_type: ${fields.grant_type ?? ''}`)
    })
    .post('/oauth2/revoke', async (c) => {
      const token = c.req.query('token') ?? (await readFields(c)).token ?? ''
      const consent = accessTokens.get(token) ?? refreshTokens.get(token)
      if (!consent) return refuse(c, 'invalid_token', 'Token expired or revoked')
      // One token ends all that the person has given to this client.
      for (const tokens of [accessTokens, refreshTokens]) {
        for (const [other, { person }] of tokens) if (person === consent.person) tokens.delete(other)
      }
      return c.json({})
    })

  function exchange(c: Context, { code = '', redirect_uri: redirectUri, code_verifier: verifier = '' }: Fields) {
    const known = codes.get(code)
    if (!known || known.expiresAt <= Date.now()) return refuse(c, 'invalid_grant', 'Bad Request')
    if (known.redirectUri !== redirectUri) return refuse(c, 'redirect_uri_mismatch', 'Bad Request')
    const challenge = verifier && createHash('sha256').update(verifier).digest('base64url')
    if (challenge !== known.challenge) return refuse(c, 'invalid_grant', 'Invalid code verifier.')
    codes.delete(code)
    if (!known.isOffline) return c.json(issue(known))
    const refreshToken = randomToken(48)
    refreshTokens.set(refreshToken, known)
    return c.json({ ...issue(known), refresh_token: refreshToken })
  }

  function refresh(c: Context, { refresh_token: token = '' }: Fields) {
    const consent = refreshTokens.get(token)
    if (!consent) return refuse(c, 'invalid_grant', 'Token has been expired or revoked.')
    return c.json(issue(consent))
  }

  function issue(consent: Consent) {
    const accessToken = randomToken(48)
    accessTokens.set(accessToken, consent)
    const { scopes } = consent
    return {
      access_token: accessToken,
      expires_in: accessTokenSeconds,
      scope: scopes.join(' '),
      token_type: 'Bearer',
      ...(scopes.includes('openid') && { id_token: idToken(consent, client) }),
    }
  }
}

type Fields = Record<string, string>

/** Google signs with RS256; HS256 needs no keys to be published. */
function idToken({ person }: Consent, { clientId, clientSecret }: GoogleClient) {
  const issuedAt = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'https://accounts.google.com',
    aud: clientId,
    sub: person.id,
    email: person.email,
    email_verified: true,
    iat: issuedAt,
    exp: issuedAt + accessTokenSeconds,
  }
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)))
  const signed = parts.map((part) => part.toString('base64url')).join('.')
  return `${signed}.${createHmac('sha256', clientSecret).update(signed).digest('base64url')}`
}

function refuse(c: Context, error: string, description: string, status: 400 | 401 = 400) {
  return c.json({ error, error_description: description }, status)
}
