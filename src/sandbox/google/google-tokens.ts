import { Hono } from 'hono'
import * as z from 'zod'
import { currentAddress, type Forward, type GoogleState, tokenHolder } from './google-state.ts'

const tokenAnswer = z.looseObject({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  scope: z.string(),
})
const person = z.looseObject({ sub: z.string(), email: z.string(), email_verified: z.boolean() })

/** Tokens, who they belong to, and their end. Source: https://developers.google.com/identity/protocols/oauth2/web-server */
export function googleTokens(state: GoogleState, forward: Forward) {
  return new Hono()
    .post('/oauth2/token', async (c) => {
      const form = new URLSearchParams(await c.req.text())
      const code = form.get('code') ?? ''
      const issued = state.codes.get(code)
      if (issued && issued.redirectUri !== form.get('redirect_uri')) {
        return c.json({ error: 'redirect_uri_mismatch', error_description: 'Bad Request' }, 400)
      }
      const answer = await forward(c.req.raw, form)
      if (!answer.ok) return answer
      const { refresh_token, ...tokens } = tokenAnswer.parse(await answer.json())
      const email = issued?.email ?? state.tokens.get(form.get('refresh_token') ?? '')?.email
      if (email === undefined) return c.json({ error: 'invalid_grant', error_description: 'Bad Request' }, 400)
      state.codes.delete(code)
      const holder = { email, scopes: tokens.scope.split(' ') }
      state.tokens.set(tokens.access_token, holder)
      if (!issued?.lasting || !refresh_token) return c.json(tokens)
      state.tokens.set(refresh_token, holder)
      return c.json({ ...tokens, refresh_token })
    })
    .post('/oauth2/revoke', async (c) => {
      const token = c.req.query('token') ?? new URLSearchParams(await c.req.text()).get('token') ?? ''
      const holder = state.tokens.get(token)
      if (!holder) return c.json({ error: 'invalid_token', error_description: 'Token expired or revoked' }, 400)
      // One token ends all that the person has given to this client.
      for (const [other, { email }] of state.tokens) {
        if (email !== holder.email) continue
        state.tokens.delete(other)
        await forward(
          new Request(new URL('/oauth2/revoke', c.req.url), { method: 'POST' }),
          new URLSearchParams({ token: other }),
        )
      }
      return c.json({})
    })
    .get('/oauth2/v2/userinfo', async (c) => {
      const holder = tokenHolder(state, c.req.header('authorization'))
      const answer = await forward(c.req.raw)
      if (!holder || !answer.ok) {
        return c.json({ error: { code: 401, message: 'Invalid Credentials', status: 'UNAUTHENTICATED' } }, 401)
      }
      const { sub, email, email_verified, name, given_name, family_name, picture } = person.parse(await answer.json())
      const has = (scope: string) => holder.scopes.some((granted) => granted.replace(/.*userinfo\./, '') === scope)
      return c.json({
        id: sub,
        ...(has('email') && { email: currentAddress(state, email), verified_email: email_verified }),
        ...(has('profile') && { name, given_name, family_name, picture }),
      })
    })
}
