import { Hono } from 'hono'
import { consentPage, errorPage } from '../web/consent-page.ts'
import { randomToken } from '../web/oauth.ts'
import type { Memory } from './memory.ts'
import { descriptions } from './oauth-error.ts'

const codeMinutes = 10

/** Where people agree or don't: https://docs.joinmastodon.org/methods/oauth/#authorize */
export function authorizeRoutes({ app, people, codes, now }: Memory) {
  return new Hono()
    .get('/oauth/authorize', (c) => {
      const problem = problemOf(c.req.query())
      if (problem) return c.html(errorPage('Mastodon', problem), 400)
      return c.html(consentPage('Mastodon', people, c.req.query('scope') ?? ''))
    })
    .post('/oauth/authorize', async (c) => {
      const query = c.req.query()
      const problem = problemOf(query)
      if (problem) return c.html(errorPage('Mastodon', problem), 400)
      const { redirect_uri: redirectUri = '', scope = '', state } = query
      const fields = await c.req.parseBody()
      const back = new URL(redirectUri)
      if (fields.cancel) {
        back.searchParams.set('error', 'access_denied')
        back.searchParams.set('error_description', descriptions.access_denied)
        if (state) back.searchParams.set('state', state)
        return c.redirect(back.href)
      }
      const person = people.find(({ id }) => id === fields.person)
      if (person === undefined) return c.html(errorPage('Mastodon', 'there is no such person'), 400)
      const code = randomToken(32)
      const challenge = query.code_challenge || undefined
      codes.set(code, { personId: person.id, redirectUri, scope, challenge, expiresAt: now() + codeMinutes * 60_000 })
      back.searchParams.set('code', code)
      if (state) back.searchParams.set('state', state)
      return c.redirect(back.href)
    })

  function problemOf(query: Record<string, string>) {
    const { redirect_uri: redirectUri = '', scope = 'read' } = query
    if (query.client_id !== app.clientId) return 'its client_id is unknown'
    if (!URL.canParse(redirectUri) || app.redirectUris?.includes(redirectUri) === false) {
      return "its redirect_uri isn't one of the app's"
    }
    if (query.response_type !== 'code') return 'its response_type is not code'
    const allowed = app.scopes.split(' ')
    if (!scope.split(' ').every((each) => allowed.includes(each)))
      return "it asks for a scope that isn't one of the app's"
    if (query.code_challenge && query.code_challenge_method !== 'S256') return 'its code_challenge_method is not S256'
    return undefined
  }
}
