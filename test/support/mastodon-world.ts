import { mastodon } from '../../src/platforms/mastodon.ts'
import type { Finished, Grant, Reply } from '../../src/platforms/platform.ts'
import { mastodonPeople, startMastodon } from '../../src/sandbox/mastodon.ts'
import { submitConsent } from './submit-consent.ts'

export const [one, two] = mastodonPeople
export const redirectUri = 'https://app.example/platforms/mastodon/protocols/oauth2/redirect_codes/'
export const tokenPath = '/oauth/token'
export const accountPath = '/api/v1/accounts/verify_credentials'
export const revokePath = '/oauth/revoke'
export const { signal } = new AbortController()
export const refused = { refusal: 'forbidden', message: 'the authorization was refused; start again' }
export const unavailable = { name: 'UnavailableError', message: 'Mastodon is unavailable' }

/** An instance of its own, and people who connect to it. Its name is `127.0.0.1` unless it is to be another than that one. */
export async function openMastodonWorld({ hostname = '127.0.0.1' } = {}) {
  const clock = { now: Date.UTC(2030, 0, 1) }
  const instance = await startMastodon({ redirectUris: [redirectUri], now: () => clock.now })
  const { clientId, clientSecret } = instance
  const baseUrl = instance.url.replace('127.0.0.1', hostname)
  const driver = (changed: Partial<Parameters<typeof mastodon>[0]> = {}) =>
    mastodon({ baseUrl, clientId, clientSecret, ...changed })

  async function started(by = driver()) {
    const begun = await by.start({ redirectUri, signal })
    if (!('url' in begun)) throw new Error('no address to send the user to')
    return begun
  }

  async function allow(url: string, personId: string = one.id) {
    const back = await submitConsent('Mastodon', url, { personId })
    return { code: back.get('code') ?? '', state: back.get('state') ?? '' }
  }

  /** As far as the browser's way back: the person has agreed and the code isn't used yet. */
  async function agreed(personId: string = one.id) {
    const { url, pending } = await started()
    const { code, state } = await allow(url, personId)
    const finish = ({ signal: limit = signal, ...reply }: Reply & { signal?: AbortSignal } = {}) =>
      driver().finish({ pending, reply: { code, ...reply }, signal: limit })
    return { code, state, pending, finish }
  }

  const connected = async (personId: string = one.id) => grantOf(await (await agreed(personId)).finish())

  /** What the gateway does with a grant, and nothing but the grant. */
  async function post({ tokens }: Grant, status: string, key?: string) {
    const headers = { authorization: `Bearer ${tokens.accessToken}`, ...(key && { 'idempotency-key': key }) }
    const body = new URLSearchParams({ status })
    return fetch(`${tokens.url}/api/v1/statuses`, { method: 'POST', headers, body })
  }

  const timesAsked = (path: string) => instance.received.filter((request) => request.path === path).length
  return { instance, clock, driver, started, allow, agreed, connected, post, timesAsked }
}

export type MastodonWorld = Awaited<ReturnType<typeof openMastodonWorld>>

export function grantOf(finished: Finished): Grant {
  if (!('grant' in finished)) throw new Error('no grant')
  return finished.grant
}
