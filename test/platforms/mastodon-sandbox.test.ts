import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  accountPath,
  type MastodonWorld,
  one,
  openMastodonWorld,
  redirectUri,
  revokePath,
  tokenPath,
} from '../support/mastodon-world.ts'

let world: MastodonWorld
beforeAll(async () => {
  world = await openMastodonWorld()
})
afterAll(() => world.instance.close())

const answerOf = async (response: Response) => ({ status: response.status, body: await response.json() })

function form(path: string, fields: Record<string, string>, authorization?: string) {
  const body = new URLSearchParams(fields)
  const headers: Record<string, string> = authorization ? { authorization } : {}
  return fetch(world.instance.url + path, { method: 'POST', headers, body })
}

/** Everything that a good exchange of a fresh code takes. */
async function exchange() {
  const { code, pending } = await world.agreed()
  const { clientId, clientSecret } = world.instance
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: String(pending.codeVerifier),
    client_id: clientId,
    client_secret: clientSecret,
  }
}

test.for<[name: string, changes: Record<string, string>, status: number, error: string]>([
  ['no grant type', { grant_type: '' }, 400, 'invalid_request'],
  ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['no code', { code: '' }, 400, 'invalid_request'],
  ['no redirect address', { redirect_uri: '' }, 400, 'invalid_request'],
  ['another redirect address', { redirect_uri: `${redirectUri}x` }, 400, 'invalid_grant'],
  ['no verifier', { code_verifier: '' }, 400, 'invalid_request'],
  ['another verifier', { code_verifier: 'A'.repeat(43) }, 400, 'invalid_grant'],
  ['another client', { client_id: 'other' }, 401, 'invalid_client'],
  ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
])('refuses an exchange with %s, and the code still works', async ([, changes, status, error]) => {
  const right = await exchange()
  const refusal = await answerOf(await form(tokenPath, { ...right, ...changes }))
  expect(refusal).toEqual({ status, body: { error, error_description: expect.any(String) } })
  expect(await answerOf(await form(tokenPath, right))).toEqual({
    status: 200,
    body: {
      access_token: expect.any(String),
      token_type: 'Bearer',
      scope: 'profile write:statuses',
      created_at: world.clock.now / 1000,
    },
  })
  expect(await answerOf(await form(tokenPath, right))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})

test('takes the client in a Basic header too', async () => {
  const { client_id, client_secret, ...fields } = await exchange()
  expect((await form(tokenPath, fields, `Basic ${btoa(`${client_id}:${client_secret}`)}`)).status).toBe(200)
})

test.for<[name: string, changes: Record<string, string>]>([
  ['another client', { client_id: 'other' }],
  ['another redirect address', { redirect_uri: 'https://elsewhere.example/' }],
  ['another response type', { response_type: 'token' }],
  ["a scope that isn't the app's", { scope: 'profile write' }],
  ['a plain challenge', { code_challenge_method: 'plain' }],
])('shows no consent page to %s, and sends nobody away', async ([, changes]) => {
  const { url } = await world.started()
  const consentUrl = new URL(url)
  for (const [name, value] of Object.entries(changes)) consentUrl.searchParams.set(name, value)
  const page = await fetch(consentUrl)
  expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('Sandbox, not Mastodon')])
  const body = new URLSearchParams({ person: one.id })
  expect((await fetch(consentUrl, { method: 'POST', body, redirect: 'manual' })).headers.get('location')).toBeNull()
})

test('shows an account to its own token only', async () => {
  const { tokens } = await world.connected()
  const ask = (token: unknown) =>
    fetch(world.instance.url + accountPath, { headers: { authorization: `Bearer ${token}` } }).then(answerOf)
  expect(await ask(tokens.accessToken)).toMatchObject({ status: 200, body: { id: one.id, acct: one.username } })
  expect(await ask('guess')).toEqual({ status: 401, body: { error: 'The access token is invalid' } })
  const { clientId: client_id, clientSecret: client_secret } = world.instance
  const revocation = { client_id, client_secret, token: String(tokens.accessToken) }
  expect((await form(revokePath, { ...revocation, client_secret: '' })).status).toBe(403)
  expect(await answerOf(await form(revokePath, revocation))).toEqual({ status: 200, body: {} })
  expect(await ask(tokens.accessToken)).toEqual({ status: 401, body: { error: 'The access token was revoked' } })
})

test('posts what can be posted, once for each name that its sender gives it', async () => {
  const grant = await world.connected()
  const post = async (text: string, key?: string) => answerOf(await world.post(grant, text, key))
  expect(await post(' ')).toEqual({ status: 422, body: { error: "Validation failed: Text can't be blank" } })
  expect((await post('é'.repeat(501))).status).toBe(422)
  const before = world.instance.statuses.length
  const first = await post('Bonjour <tous>', 'sms-1')
  expect(first).toMatchObject({ status: 200, body: { content: '<p>Bonjour &lt;tous&gt;</p>' } })
  expect(await post('Bonjour <tous>', 'sms-1')).toEqual(first)
  expect(world.instance.statuses).toHaveLength(before + 1)
  await post('Bonjour <tous>', 'sms-2')
  expect(world.instance.statuses).toHaveLength(before + 2)
})

test('refuses to post with a token that is for reading', async () => {
  const { url, pending } = await world.started()
  const { code } = await world.allow(url.replace('scope=profile+write%3Astatuses', 'scope=profile'))
  const fields = { ...(await exchange()), code, code_verifier: String(pending.codeVerifier) }
  const { body } = await answerOf(await form(tokenPath, fields))
  const headers = { authorization: `Bearer ${body.access_token}` }
  const status = new URLSearchParams({ status: 'no' })
  const posting = await fetch(`${world.instance.url}/api/v1/statuses`, { method: 'POST', headers, body: status })
  expect(await answerOf(posting)).toEqual({
    status: 403,
    body: { error: 'This action is outside the authorized scopes' },
  })
})
