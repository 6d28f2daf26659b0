import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { currentAddress, type Forward, findPerson, type GoogleState } from './google-state.ts'

const consentPath = '/o/oauth2/v2/auth'
// Google's page lets nobody refuse who they are, only what an app may do.
const identityScopes = ['openid', 'email', 'profile', 'userinfo.email', 'userinfo.profile']

/**
 * The consent page. Who wants no page adds `sandbox_consent=<address>` to its URL: that person agrees to everything at once.
 * Source: https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
 */
export function googleConsent(state: GoogleState, forward: Forward) {
  return new Hono()
    .get(consentPath, async (c) => {
      const query = new URL(c.req.url).searchParams
      const refused = refuseRequest(state, query)
      if (refused) return c.html(html`<h1>Sandbox, not Google</h1><p>Error 400: ${refused}</p>`, 400)
      if (query.has('sandbox_consent')) {
        query.set('email', query.get('sandbox_consent') ?? '')
        for (const scope of scopesOf(query)) query.append('granted', scope)
        return consent(c, query)
      }
      const page = await forward(c.req.raw)
      if (!page.ok) return page
      return c.html(markPage(state, query, await page.text()))
    })
    .post(`${consentPath}/callback`, async (c) => consent(c, new URLSearchParams(await c.req.text())))

  async function consent(c: Context, form: URLSearchParams) {
    const person = findPerson(state, form.get('email') ?? '')
    const refused = person ? refuseRequest(state, form) : 'no such person'
    if (!person || refused) return c.text(`Error 400: ${refused}`, 400)
    const granted = scopesOf(form).filter((scope) => isIdentity(scope) || form.getAll('granted').includes(scope))
    form.set('email', person.email)
    form.set('scope', granted.join(' '))
    const submit = new Request(new URL(`${consentPath}/callback`, c.req.url), { method: 'POST' })
    const answer = await forward(submit, form)
    const location = answer.headers.get('location')
    if (!location) return answer
    const back = new URL(location)
    back.searchParams.set('scope', granted.join(' '))
    state.codes.set(back.searchParams.get('code') ?? '', {
      email: person.email,
      redirectUri: form.get('redirect_uri') ?? '',
      lasting: isLasting(person.email, form),
    })
    return c.redirect(back.href, 302)
  }

  /** Google gives a refresh token when asked for offline access, and then at the first consent, or when made to ask again. */
  function isLasting(email: string, form: URLSearchParams): boolean {
    if (form.get('access_type') !== 'offline') return false
    return form.get('prompt') === 'consent' || ![...state.tokens.values()].some((holder) => holder.email === email)
  }
}

function refuseRequest({ redirectUris }: GoogleState, query: URLSearchParams): string | undefined {
  if (!redirectUris.includes(query.get('redirect_uri') ?? '')) return 'redirect_uri_mismatch'
  if (scopesOf(query).length === 0) return 'invalid_scope'
  // The form doesn't say it again.
  if (query.has('response_type') && query.get('response_type') !== 'code') return 'unsupported_response_type'
  return undefined
}

/** Says what the page is, and lets people refuse single scopes, as Google's does. */
function markPage(state: GoogleState, query: URLSearchParams, page: string): string {
  const boxes = scopesOf(query)
    .filter((scope) => !isIdentity(scope))
    .map((scope) => html`<label><input type="checkbox" name="granted" value="${scope}" checked/> ${scope}</label>`)
  const more = html`<input type="hidden" name="access_type" value="${query.get('access_type') ?? ''}"/><input type="hidden" name="prompt" value="${query.get('prompt') ?? ''}"/>${boxes}`
  return page.replaceAll('Sign in to Google', 'Sandbox, not Google').replaceAll(/<form[\s\S]*?<\/form>/g, (form) => {
    const person = state.people.find(({ email }) => form.includes(`value="${email}"`))
    // `emulate` always has one person more.
    if (!person) return ''
    return form.replaceAll(person.email, currentAddress(state, person.email)).replace('<button', () => `${more}<button`)
  })
}

function scopesOf(query: URLSearchParams): string[] {
  return (query.get('scope') ?? '').split(' ').filter(Boolean)
}

function isIdentity(scope: string): boolean {
  return identityScopes.includes(scope.replace('https://www.googleapis.com/auth/', ''))
}
