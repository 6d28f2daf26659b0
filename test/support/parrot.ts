import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { canary } from './planted-settings.ts'

/** How a provider fails: each repeats all that it was sent, wherever there is room for it. */
export const failures = ['refuses', 'fails', 'redirects', 'answers no JSON', 'answers other JSON', 'hangs up'] as const

export type Parrot = Awaited<ReturnType<typeof openParrot>>

/**
 * Google, Twitter, Mastodon, Twilio, an SMS gateway, a captcha and a breach list in one, at one address, with tokens that are canaries. Whatever
 * fails says everything back that it was told, in its status, its headers and each field of its answer.
 */
export async function openParrot() {
  const asked = new Map<string, number>()
  const codes = new Map<string, string>()
  const failing = new Map<string, (typeof failures)[number]>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const path = (request.url ?? '').split('?')[0] ?? ''
    asked.set(path, (asked.get(path) ?? 0) + 1)
    const [, failure] = [...failing].find(([part]) => path.includes(part)) ?? []
    if (failure) return repeat(response, failure, { request, body })
    const [, ok] = Object.entries(successes).find(([part]) => path.includes(part)) ?? []
    if (path.includes('/sms/')) {
      const { to, code } = JSON.parse(body)
      codes.set(to, code)
    }
    if (ok === undefined) return repeat(response, 'refuses', { request, body })
    const isForm = typeof ok === 'string'
    response.writeHead(200, { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' })
    response.end(isForm ? ok : JSON.stringify(ok))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    timesAsked: (part: string) => [...asked].reduce((sum, [path, times]) => sum + (path.includes(part) ? times : 0), 0),
    lastCodeTo: (number: string) => codes.get(number) ?? '',
    /** Whatever has this in its path fails so, until another word is given. */
    let(part: string, failure: (typeof failures)[number] | 'works') {
      if (failure === 'works') failing.delete(part)
      else failing.set(part, failure)
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** What each endpoint answers when it works, by a part of its path. */
const successes: Record<string, object | string> = {
  '/sms/': {},
  '/siteverify': { success: true },
  '/range/': '0000000000000000000000000000000000A:0',
  '/oauth2/token': {
    access_token: canary('access token of Google'),
    refresh_token: canary('refresh token of Google'),
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'openid https://www.googleapis.com/auth/gmail.send',
  },
  '/oauth2/v2/userinfo': { id: canary('account at Google'), email: canary('address at Google'), name: canary('name') },
  '/oauth2/revoke': {},
  '/oauth/request_token': `oauth_token=${canary('request token')}&oauth_token_secret=${canary('request secret')}&oauth_callback_confirmed=true`,
  '/oauth/access_token': `oauth_token=${canary('access token of Twitter')}&oauth_token_secret=${canary('access secret of Twitter')}`,
  '/2/users/me': { data: { id: '7001', name: canary('name at Twitter'), username: canary('user name at Twitter') } },
  '/1.1/oauth/invalidate_token.json': { access_token: 'gone' },
  '/oauth/token': {
    access_token: canary('access token of Mastodon'),
    token_type: 'Bearer',
    scope: 'profile write:statuses',
  },
  '/api/v1/accounts/verify_credentials': {
    id: canary('account at Mastodon'),
    acct: canary('handle at Mastodon'),
    display_name: canary('name at Mastodon'),
    url: 'https://social.example/@ada',
  },
  '/oauth/revoke': {},
}

function repeat(
  response: ServerResponse,
  failure: (typeof failures)[number],
  { request, body }: { request: IncomingMessage; body: string },
): void {
  const said = `${canary('word of a provider')} ${request.url} ${JSON.stringify(request.headers)} ${body}`
  const line = said.replace(/[^\x20-\x7e]/g, ' ').slice(0, 4000)
  const headers = { 'x-error': line, 'www-authenticate': line, 'retry-after': line, date: line, 'x-request-id': line }
  const everywhere = {
    ...{ error: said, error_description: said, message: said, detail: said, title: said, type: `https://x/${said}` },
    ...{ code: said, status: said, success: said, sid: said, [line.slice(0, 200)]: said },
    'error-codes': [said],
    errors: [{ code: said, message: said, nested: { request: { body: said, headers: [said] } } }],
  }
  if (failure === 'hangs up') return void response.socket?.resetAndDestroy()
  const statuses = { refuses: 400, fails: 500, redirects: 302, 'answers no JSON': 200, 'answers other JSON': 200 }
  response.writeHead(statuses[failure], line, {
    ...headers,
    ...(failure === 'redirects' && { location: `http://127.0.0.1:9/?${encodeURIComponent(said)}` }),
  })
  response.end(failure === 'answers no JSON' ? said : JSON.stringify(everywhere))
}
