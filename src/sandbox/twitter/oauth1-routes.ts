import { type Context, Hono } from 'hono'
import { consentPage, errorPage, type Person } from '../web/consent-page.ts'
import { randomToken } from '../web/oauth.ts'
import { refuse } from './answers.ts'
import { checkSignature } from './check-signature.ts'
import { isApproved, type Memory } from './memory.ts'

const requestTokenMinutes = 15

/**
 * OAuth 1.0a: https://docs.x.com/fundamentals/authentication/oauth-1-0a/api-reference
 * Who wants no consent page adds `sandbox_consent=<username>` to its URL: that person agrees at once.
 */
export function oauth1Routes(memory: Memory) {
  const { requestTokens, accessTokens, people, now } = memory
  const secretOfRequest = (token: string) => requestTokens.get(token)?.secret
  const routes = new Hono()

  routes.post('/oauth/request_token', async (c) => {
    const signed = await checkSignature(c, memory)
    if (signed.refusal) return refuse(c, signed.refusal)
    const { oauth_callback: callback = '' } = signed.fields
    if (!isApproved(memory, callback)) return refuse(c, 'callback')
    const [token, secret] = [randomToken(), randomToken()]
    requestTokens.set(token, { secret, callback, expiresAt: now() + requestTokenMinutes * 60_000 })
    return form(c, { oauth_token: token, oauth_token_secret: secret, oauth_callback_confirmed: 'true' })
  })

  routes.get('/oauth/authorize', (c) => {
    if (openRequest(c) === undefined)
      return c.html(errorPage('X', 'its request token is unknown, used or expired'), 403)
    const agreed = c.req.query('sandbox_consent')
    if (agreed !== undefined)
      return consent(
        c,
        people.find(({ username }) => username === agreed),
      )
    return c.html(consentPage('X', people, 'read and post tweets'))
  })

  routes.post('/oauth/authorize', async (c) => {
    const fields = await c.req.parseBody()
    return consent(c, fields.cancel ? 'cancel' : people.find(({ id }) => id === fields.person))
  })

  routes.post('/oauth/access_token', async (c) => {
    const signed = await checkSignature(c, memory, secretOfRequest)
    if (signed.refusal) return refuse(c, signed.refusal)
    const { token = '', fields } = signed
    const request = requestTokens.get(token)
    if (request === undefined || request.expiresAt <= now()) return refuse(c, 'invalidToken')
    if (!request.consent || fields.oauth_verifier !== request.consent.verifier) {
      return c.text('Error processing your OAuth request: Invalid oauth_verifier parameter', 401)
    }
    requestTokens.delete(token)
    const { personId } = request.consent
    const screenName = people.find(({ id }) => id === personId)?.username ?? ''
    const { accessToken, secret } = accessTokenOf(personId)
    return form(c, { oauth_token: accessToken, oauth_token_secret: secret, user_id: personId, screen_name: screenName })
  })

  routes.on(
    'POST',
    ['/1.1/oauth/invalidate_token.json', '/1.1/oauth/invalidate_token', '/oauth/invalidate_token'],
    async (c) => {
      const signed = await checkSignature(c, memory, (token) => accessTokens.get(token)?.secret)
      if (signed.refusal) return refuse(c, signed.refusal)
      accessTokens.delete(signed.token ?? '')
      return c.json({ access_token: signed.token })
    },
  )

  function consent(c: Context, person: Person | 'cancel' | undefined) {
    const request = openRequest(c)
    if (request === undefined) return c.html(errorPage('X', 'its request token is unknown, used or expired'), 403)
    const back = new URL(request.callback)
    const token = c.req.query('oauth_token') ?? ''
    if (person === 'cancel') {
      requestTokens.delete(token)
      back.searchParams.set('denied', token)
      return c.redirect(back.href)
    }
    if (person === undefined) return c.html(errorPage('X', 'there is no such person'), 403)
    request.consent = { verifier: randomToken(), personId: person.id }
    back.searchParams.set('oauth_token', token)
    back.searchParams.set('oauth_verifier', request.consent.verifier)
    return c.redirect(back.href)
  }

  function openRequest(c: Context) {
    const request = requestTokens.get(c.req.query('oauth_token') ?? '')
    return request !== undefined && request.consent === undefined && request.expiresAt > now() ? request : undefined
  }

  function accessTokenOf(personId: string) {
    for (const [accessToken, held] of accessTokens) if (held.personId === personId) return { accessToken, ...held }
    const [accessToken, secret] = [`${personId}-${randomToken()}`, randomToken(32)]
    accessTokens.set(accessToken, { secret, personId })
    return { accessToken, secret }
  }

  return routes
}

// X sends its forms as text/html, so a client can't go by the content type.
function form(c: Context, fields: Record<string, string>) {
  return c.body(new URLSearchParams(fields).toString(), 200, { 'content-type': 'text/html;charset=utf-8' })
}
