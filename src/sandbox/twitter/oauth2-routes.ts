import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { consentPage, errorPage, type Person } from '../web/consent-page.ts'
import { randomToken, readFields } from '../web/oauth.ts'
import { oauth2Error } from './answers.ts'
import { isApproved, type Memory } from './memory.ts'

const codeSeconds = 30
const accessTokenSeconds = 7200

/**
 * OAuth 2.0 with PKCE: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
 * Who wants no consent page adds `sandbox_consent=<username>` to its URL: that person agrees at once.
 */
export function oauth2Routes(memory: Memory) {
  const { app, people, codes, bearers, refreshTokens, now } = memory
  const routes = new Hono()

  routes.get('/i/oauth2/authorize', (c) => {
    const fault = faultOf(c.req.query())
    if (fault) return c.html(errorPage('X', fault), 400)
    const agreed = c.req.query('sandbox_consent')
    if (agreed !== undefined)
      return consent(
        c,
        people.find(({ username }) => username === agreed),
      )
    return c.html(consentPage('X', people, c.req.query('scope') ?? ''))
  })

  routes.post('/i/oauth2/authorize', async (c) => {
    const fields = await c.req.parseBody()
    return consent(c, fields.cancel ? 'cancel' : people.find(({ id }) => id === fields.person))
  })

  routes.post('/2/oauth2/token', async (c) => {
    if (!isClient(c)) return oauth2Error(c, 401, 'unauthorized_client', 'Missing valid authorization header')
    const fields = await readFields(c)
    if (fields.grant_type === 'authorization_code') return exchange(c, fields)
    if (fields.grant_type === 'refresh_token') return refresh(c, fields)
    return oauth2Error(c, 400, 'unsupported_grant_type', 'Value passed for the grant type was invalid.')
  })

  routes.post('/2/oauth2/revoke', async (c) => {
    if (!isClient(c)) return oauth2Error(c, 401, 'unauthorized_client', 'Missing valid authorization header')
    const { token, token_type_hint: hint } = await readFields(c)
    if (!token) return missing(c, 'token')
    if (!hint) return missing(c, 'token_type_hint')
    // One token ends, not its sibling: X promises no more.
    const isRevoked = bearers.delete(token) || refreshTokens.delete(token)
    return isRevoked ? c.json({ revoked: true }) : invalid(c, 'Value passed for the token was invalid.')
  })

  function consent(c: Context, person: Person | 'cancel' | undefined) {
    const query = c.req.query()
    const { redirect_uri: redirectUri = '', state = '', scope = '', code_challenge: challenge = '' } = query
    const fault = faultOf(query)
    if (fault) return c.html(errorPage('X', fault), 400)
    const back = new URL(redirectUri)
    back.searchParams.set('state', state)
    if (person === 'cancel') {
      back.searchParams.set('error', 'access_denied')
      return c.redirect(back.href)
    }
    if (person === undefined) return c.html(errorPage('X', 'there is no such person'), 400)
    const code = randomToken(48)
    const isPlain = query.code_challenge_method === 'plain'
    codes.set(code, {
      personId: person.id,
      redirectUri,
      scope,
      challenge,
      isPlain,
      expiresAt: now() + codeSeconds * 1000,
    })
    back.searchParams.set('code', code)
    return c.redirect(back.href)
  }

  function exchange(c: Context, fields: Record<string, string>) {
    const { code, redirect_uri: redirectUri, code_verifier: verifier } = fields
    if (!code) return missing(c, 'code')
    if (!redirectUri) return missing(c, 'redirect_uri')
    if (!verifier) return missing(c, 'code_verifier')
    const known = codes.get(code)
    if (!known || known.expiresAt <= now()) return invalid(c, 'Value passed for the authorization code was invalid.')
    if (known.redirectUri !== redirectUri) {
      return invalid(c, 'Value passed for the redirect uri did not match the uri of the authorization code.')
    }
    const challenge = known.isPlain ? verifier : createHash('sha256').update(verifier).digest('base64url')
    if (challenge !== known.challenge) {
      return invalid(c, 'Value passed for the code verifier did not match the code challenge.')
    }
    codes.delete(code)
    return c.json(issue(known))
  }

  function refresh(c: Context, { refresh_token: token }: Record<string, string>) {
    if (!token) return missing(c, 'refresh_token')
    const known = refreshTokens.get(token)
    if (!known) return invalid(c, 'Value passed for the token was invalid.')
    refreshTokens.delete(token)
    return c.json(issue(known))
  }

  function issue({ personId, scope }: { personId: string; scope: string }) {
    const [accessToken, refreshToken] = [randomToken(48), randomToken(48)]
    bearers.set(accessToken, { personId, scope, expiresAt: now() + accessTokenSeconds * 1000 })
    const isOffline = scope.split(' ').includes('offline.access')
    if (isOffline) refreshTokens.set(refreshToken, { personId, scope })
    const answer = { token_type: 'bearer', expires_in: accessTokenSeconds, access_token: accessToken, scope }
    return { ...answer, ...(isOffline && { refresh_token: refreshToken }) }
  }

  function faultOf(query: Record<string, string>) {
    if (query.response_type !== 'code') return 'its response_type is not code'
    if (query.client_id !== app.clientId) return 'its client_id is unknown'
    if (!isApproved(memory, query.redirect_uri ?? '')) return 'its redirect_uri is not approved'
    if (!query.scope) return 'it asks for no scope'
    if (!query.state) return 'it has no state'
    if (!query.code_challenge) return 'it has no code_challenge'
    return /^(s256|plain)$/i.test(query.code_challenge_method ?? '')
      ? undefined
      : 'its code_challenge_method is unknown'
  }

  function isClient(c: Context) {
    const [, encoded = ''] = /^Basic (.+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const [id, secret] = [app.clientId, app.clientSecret].map(encodeURIComponent)
    return Buffer.from(encoded, 'base64').toString() === `${id}:${secret}`
  }

  return routes
}

function missing(c: Context, name: string) {
  return invalid(c, `Missing required parameter [${name}].`)
}

function invalid(c: Context, description: string) {
  return oauth2Error(c, 400, 'invalid_request', description)
}
