import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { isClient, randomToken, readFields } from '../web/oauth.ts'
import type { Memory } from './memory.ts'
import { missingParameter, oauthError } from './oauth-error.ts'

type Fields = Record<string, string>

/** Tokens for codes, and their end: https://docs.joinmastodon.org/methods/oauth/#token */
export function tokenRoutes({ app, codes, tokens, now }: Memory) {
  const routes = new Hono()

  routes.post('/oauth/token', async (c) => {
    const fields = await readFields(c)
    if (!fields.grant_type) return missingParameter(c, 'grant_type')
    if (fields.grant_type !== 'authorization_code') return oauthError(c, 'unsupported_grant_type')
    return exchange(c, fields)
  })

  routes.post('/oauth/revoke', async (c) => {
    const fields = await readFields(c)
    if (!isClient(c, fields, app)) return oauthError(c, 'unauthorized_client')
    const token = tokens.get(fields.token ?? '')
    if (token) token.isRevoked = true
    return c.json({})
  })

  // In Mastodon's order: only who has the secret, the address and the verifier spends a code.
  function exchange(c: Context, fields: Fields) {
    if (!fields.code) return missingParameter(c, 'code')
    const code = codes.get(fields.code)
    if (code?.challenge && !fields.code_verifier) return missingParameter(c, 'code_verifier')
    if (!fields.redirect_uri) return missingParameter(c, 'redirect_uri')
    if (!isClient(c, fields, app)) return oauthError(c, 'invalid_client')
    if (!code || code.redirectUri !== fields.redirect_uri) return oauthError(c, 'invalid_grant')
    const challenge = fields.code_verifier && createHash('sha256').update(fields.code_verifier).digest('base64url')
    if ((challenge || undefined) !== code.challenge || code.expiresAt <= now()) return oauthError(c, 'invalid_grant')
    codes.delete(fields.code)
    return c.json(tokenFor(code))
  }

  /** The one that the person's account has at the app already, if its scopes are the same. */
  function tokenFor({ personId, scope }: { personId: string; scope: string }) {
    for (const [known, token] of tokens) {
      if (!token.isRevoked && token.personId === personId && token.scope === scope) return answer(known, token)
    }
    const token = { personId, scope, createdAt: Math.floor(now() / 1000), isRevoked: false }
    const fresh = randomToken(32)
    tokens.set(fresh, token)
    return answer(fresh, token)
  }

  return routes
}

function answer(token: string, { scope, createdAt }: { scope: string; createdAt: number }) {
  return { access_token: token, token_type: 'Bearer', scope, created_at: createdAt }
}
