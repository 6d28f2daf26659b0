import { type Context, Hono } from 'hono'
import type { Memory } from './memory.ts'

/** Who a token belongs to, as far as its scopes tell: https://developers.google.com/identity/openid-connect/openid-connect */
export function userRoutes(memory: Memory) {
  return new Hono().get('/oauth2/v2/userinfo', (c) => {
    const consent = tokenHolder(c, memory)
    if (!consent) return unauthenticated(c)
    const { person, scopes } = consent
    const has = (scope: string) => scopes.some((granted) => granted.replace(/.*userinfo\./, '') === scope)
    const [givenName = '', familyName = ''] = person.name.split(' ')
    return c.json({
      id: person.id,
      ...(has('email') && { email: person.email, verified_email: true }),
      ...(has('profile') && { name: person.name, given_name: givenName, family_name: familyName }),
    })
  })
}

export function tokenHolder(c: Context, { accessTokens }: Memory) {
  return accessTokens.get(c.req.header('authorization')?.replace(/^Bearer /i, '') ?? '')
}

export function unauthenticated(c: Context) {
  const message = 'Request had invalid authentication credentials.'
  return c.json({ error: { code: 401, message, status: 'UNAUTHENTICATED' } }, 401)
}
