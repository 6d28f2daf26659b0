import { gmail } from '../../src/platforms/gmail.ts'
import type { Finished, Grant, Reply } from '../../src/platforms/platform.ts'
import { startGoogle } from '../../src/sandbox/google.ts'
import { consent } from './google-consent.ts'

export const redirectUri = 'https://app.example.com/platforms/gmail/protocols/oauth2/redirect_codes/'
export const otherRedirectUri = 'https://app.example.com/other/'
export const sendScope = 'https://www.googleapis.com/auth/gmail.send'
export const tokenPath = '/oauth2/token'
export const userPath = '/oauth2/v2/userinfo'
export const revokePath = '/oauth2/revoke'
export const { signal } = new AbortController()

export const refused = (refusal: string) => ({ name: 'RefusedError', refusal })
export const unavailable = { name: 'UnavailableError', message: 'Google is unavailable' }

type Who = { person?: string; scopes?: string[] }
export type GmailWorld = Awaited<ReturnType<typeof openGmailWorld>>

/** A Google of its own, so that what was received and revoked is the test's own; and people who connect to it. */
export async function openGmailWorld() {
  const google = await startGoogle({ redirectUris: [redirectUri, otherRedirectUri] })
  const driver = (changed: { clientSecret?: string } = {}) =>
    gmail({ clientId: google.clientId, clientSecret: google.clientSecret, baseUrl: google.url, ...changed })

  async function started(uri = redirectUri) {
    const begun = await driver().start({ redirectUri: uri, signal })
    if (!('url' in begun)) throw new Error('no consent URL')
    return begun
  }

  function finishWith(request: { pending: Readonly<Record<string, string>>; reply: Reply; signal?: AbortSignal }) {
    return driver().finish({ signal, ...request })
  }

  /** As far as the browser's way back: the person has agreed and the code isn't used yet. */
  async function agreed(who: Who = {}) {
    const { url, pending } = await started()
    const reply = await consent(url, who)
    const finish = (changed: Reply = {}) => finishWith({ pending, reply: { code: reply.code, ...changed } })
    return { pending, reply, finish }
  }

  async function connected(who: Who = {}) {
    return grantOf(await (await agreed(who)).finish())
  }

  /** What the gateway does with a grant. */
  function refreshed({ tokens }: Grant) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: String(tokens.refresh_token),
      client_id: google.clientId,
      client_secret: google.clientSecret,
    })
    return fetch(google.url + tokenPath, { method: 'POST', body })
  }

  const timesAsked = (path: string) => google.received.filter((request) => request.path === path).length
  return { google, driver, started, finishWith, agreed, connected, refreshed, timesAsked }
}

export function grantOf(finished: Finished): Grant {
  if (!('grant' in finished)) throw new Error('not finished')
  return finished.grant
}
