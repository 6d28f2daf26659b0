import { type Context, Hono } from 'hono'
import { consentPage, errorPage } from '../web/consent-page.ts'
import { randomToken } from '../web/oauth.ts'
import type { Consent, GooglePerson, Memory } from './memory.ts'

const consentPath = '/o/oauth2/v2/auth'
const codeMinutes = 10
// Google's page lets nobody refuse who they are, only what an app may do.
const identityScopes = ['openid', 'email', 'profile', 'userinfo.email', 'userinfo.profile']

/**
 * Where people agree or don't: https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
 * Who wants no page adds `sandbox_consent=<address>` to its URL: that person agrees to everything at once.
 */
export function consentRoutes({ client, people, codes, accessTokens, refreshTokens }: Memory) {
  return new Hono()
    .get(consentPath, (c) => {
      const error = errorOf(c.req.query())
      if (error) return refuse(c, error)
      const scopes = scopesOf(c)
      const agreed = c.req.query('sandbox_consent')
      const person = people.find(({ email }) => email === agreed)
      if (agreed !== undefined) return consent(c, person, scopes)
      const choices = people.map(({ id, name, email }) => ({ id, name, username: email }))
      const [identity, refusable] = [scopes.filter(isIdentity), scopes.filter((scope) => !isIdentity(scope))]
      return c.html(consentPage('Google', choices, identity.join(' '), refusable))
    })
    .post(consentPath, async (c) => {
      const error = errorOf(c.req.query())
      if (error) return refuse(c, error)
      const form = new URLSearchParams(await c.req.text())
      if (form.has('cancel')) return sendBack(c, { error: 'access_denied' })
      const granted = scopesOf(c).filter((scope) => isIdentity(scope) || form.has('granted', scope))
      const person = people.find(({ id }) => id === form.get('person'))
      return consent(c, person, granted)
    })

  function consent(c: Context, person: GooglePerson | undefined, scopes: Consent['scopes']) {
    if (person === undefined) return refuse(c, 'there is no such person')
    const { redirect_uri: redirectUri = '', code_challenge: challenge = '' } = c.req.query()
    const code = randomToken(32)
    const expiresAt = Date.now() + codeMinutes * 60_000
    codes.set(code, { person, scopes, redirectUri, challenge, isOffline: isOffline(c, person), expiresAt })
    return sendBack(c, { code, scope: scopes.join(' ') })
  }

  /** Google gives a refresh token when asked for offline access, and then at the first consent, or when made to ask again. */
  function isOffline(c: Context, person: GooglePerson) {
    if (c.req.query('access_type') !== 'offline') return false
    const known = [...accessTokens.values(), ...refreshTokens.values()]
    return c.req.query('prompt') === 'consent' || !known.some((consent) => consent.person === person)
  }

  function errorOf(query: Record<string, string>) {
    if (query.client_id !== client.clientId) return 'invalid_client'
    if (!client.redirectUris.includes(query.redirect_uri ?? '')) return 'redirect_uri_mismatch'
    if (query.response_type !== 'code') return 'unsupported_response_type'
    if (!query.scope?.trim()) return 'invalid_scope'
    if (query.code_challenge && query.code_challenge_method !== 'S256') return 'invalid_request'
    return undefined
  }
}

function sendBack(c: Context, fields: Record<string, string>) {
  const back = new URL(c.req.query('redirect_uri') ?? '')
  const { state } = c.req.query()
  for (const [name, value] of Object.entries({ ...fields, ...(state && { state }) })) back.searchParams.set(name, value)
  return c.redirect(back.href)
}

function refuse(c: Context, error: string) {
  return c.html(errorPage('Google', error), 400)
}

function scopesOf(c: Context) {
  return (c.req.query('scope') ?? '').split(' ').filter(Boolean)
}

function isIdentity(scope: string) {
  return identityScopes.includes(scope.replace('https://www.googleapis.com/auth/', ''))
}
