import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finished, Grant, Platform } from '../../src/platforms/platform.ts'
import { twitterOAuth2 } from '../../src/platforms/twitter.ts'
import { startTwitter, type TwitterSandbox, twitterPeople } from '../../src/sandbox/twitter.ts'
import { consentAtTwitter } from '../support/twitter-consent.ts'

const [one, two] = twitterPeople
const redirectUri = 'https://app.example/platforms/twitter/protocols/oauth2/redirect_codes/'
const refused = { refusal: 'forbidden', message: 'the authorization was refused; start again' }
const clock = { now: Date.UTC(2030, 0, 1) }
let twitter: TwitterSandbox
let driver: Platform
beforeAll(async () => {
  twitter = await startTwitter({ callbackUrls: [redirectUri], now: () => clock.now })
  driver = driverWith({})
})
afterAll(() => twitter.close())

const { signal } = new AbortController()

function driverWith(changes: Partial<Parameters<typeof twitterOAuth2>[0]>) {
  const { url: baseUrl, clientId, clientSecret } = twitter
  return twitterOAuth2({ clientId, clientSecret, baseUrl, ...changes })
}

async function start(by = driver) {
  const started = await by.start({ redirectUri, signal })
  if (!('url' in started)) throw new Error('no address to send the user to')
  return started
}

async function allow(url: string, personId: string = one.id) {
  const back = await consentAtTwitter(url, { personId })
  return { code: back.get('code') ?? '', state: back.get('state') ?? '' }
}

function grantOf(finished: Finished): Grant {
  if (!('grant' in finished)) throw new Error('no grant')
  return finished.grant
}

async function connect(personId: string) {
  const { url, pending } = await start()
  const { code } = await allow(url, personId)
  return grantOf(await driver.finish({ pending, reply: { code }, signal }))
}

async function tweet({ tokens }: Grant, text: string) {
  const headers = { authorization: `Bearer ${tokens.accessToken}`, 'content-type': 'application/json' }
  const answer = await fetch(`${twitter.url}/2/tweets`, { method: 'POST', headers, body: JSON.stringify({ text }) })
  return answer.status
}

async function refresh(refreshToken: unknown) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(refreshToken) })
  const authorization = `Basic ${btoa(`${twitter.clientId}:${twitter.clientSecret}`)}`
  return fetch(`${twitter.url}/2/oauth2/token`, { method: 'POST', headers: { authorization }, body })
}

test('connects an account, posts with its grant until it is revoked, and not after', async () => {
  const { url, pending, codeVerifier } = await start()
  const consentUrl = new URL(url)
  expect(consentUrl.origin + consentUrl.pathname).toBe(`${twitter.url}/i/oauth2/authorize`)
  expect(Object.fromEntries(consentUrl.searchParams)).toEqual({
    response_type: 'code',
    client_id: twitter.clientId,
    redirect_uri: redirectUri,
    state: pending.state,
    scope: 'tweet.read users.read tweet.write offline.access',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  })
  expect(pending).toEqual({ state: expect.any(String), codeVerifier, redirectUri })

  const { code, state } = await allow(url, two.id)
  const reply = { code, state, codeVerifier: String(codeVerifier) }
  const grant = grantOf(await driver.finish({ pending, reply, signal }))
  expect(grant).toEqual({
    accountId: two.id,
    tokens: {
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresAt: expect.closeTo(Date.now() + 7_200_000, -5),
      scope: 'tweet.read users.read tweet.write offline.access',
    },
    profile: { name: two.name, username: two.username },
  })

  expect(await tweet(grant, 'before')).toBe(201)
  await driver.revoke(grant, { signal })
  expect(await tweet(grant, 'after')).toBe(401)
  expect((await refresh(grant.tokens.refreshToken)).status).toBe(400)
  expect(twitter.tweets).toEqual([{ id: expect.any(String), authorId: two.id, text: 'before' }])
})

test('the kept refresh token gives new tokens, once', async () => {
  const grant = await connect(one.id)
  const next = await refresh(grant.tokens.refreshToken)
  expect(await next.json()).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) })
  expect((await refresh(grant.tokens.refreshToken)).status).toBe(400)
})

test('revoking what is revoked already, or expired, resolves', async () => {
  const grant = await connect(one.id)
  await driver.revoke(grant, { signal })
  await driver.revoke(grant, { signal })
  twitter.failNext('/2/oauth2/revoke', { status: 200, body: { revoked: true } })
  twitter.failNext('/2/oauth2/revoke', { status: 400, body: { error: 'invalid_token' } })
  await driver.revoke(grant, { signal })
})

test('a malformed revocation is not taken for one that is done', async () => {
  const grant = await connect(one.id)
  const description = 'Missing required parameter [token_type_hint].'
  twitter.failNext('/2/oauth2/revoke', {
    status: 400,
    body: { error: 'invalid_request', error_description: description },
  })
  await expect(driver.revoke(grant, { signal })).rejects.toMatchObject({ name: 'UnavailableError' })
})

test("sends people to Twitter's own page when no other is set", async () => {
  const { url } = await start(driverWith({ baseUrl: undefined }))
  expect(url).toMatch(/^https:\/\/x\.com\/i\/oauth2\/authorize\?/)
})

test('names the field that is missing, also after Cancel', async () => {
  const { url, pending } = await start()
  const back = await consentAtTwitter(url, 'cancel')
  expect(Object.fromEntries(back)).toEqual({ error: 'access_denied', state: pending.state })
  const missing = { refusal: 'bad_request', details: { fields: ['code'] } }
  await expect(driver.finish({ pending, reply: { state: String(pending.state) }, signal })).rejects.toMatchObject(
    missing,
  )
})

test('refuses a wrong state or verifier without asking Twitter, and the code still works', async () => {
  const { url, pending } = await start()
  const { code } = await allow(url)
  const requestsBefore = twitter.received.length
  await expect(driver.finish({ pending, reply: { code, state: 'guess' }, signal })).rejects.toMatchObject(refused)
  await expect(driver.finish({ pending, reply: { code, codeVerifier: 'guess' }, signal })).rejects.toMatchObject(
    refused,
  )
  expect(twitter.received).toHaveLength(requestsBefore)
  await driver.finish({ pending, reply: { code, state: '', codeVerifier: '' }, signal })
})

test('refuses a code that was made for another pending authorization, made up, used, or 30 seconds old', async () => {
  const { url, pending } = await start()
  const other = await start()
  const { code: foreign } = await allow(other.url)
  const { code } = await allow(url)
  await expect(driver.finish({ pending, reply: { code: foreign }, signal })).rejects.toMatchObject(refused)
  await expect(driver.finish({ pending, reply: { code: 'guess' }, signal })).rejects.toMatchObject(refused)
  const elsewhere = { ...pending, redirectUri: 'https://elsewhere.example/' }
  await expect(driver.finish({ pending: elsewhere, reply: { code }, signal })).rejects.toMatchObject(refused)
  await driver.finish({ pending, reply: { code }, signal })
  await expect(driver.finish({ pending, reply: { code }, signal })).rejects.toMatchObject(refused)

  const late = await start()
  const { code: old } = await allow(late.url)
  clock.now += 30_000
  await expect(driver.finish({ pending: late.pending, reply: { code: old }, signal })).rejects.toMatchObject(refused)
})

test.for([
  ['posting', 'tweet.read users.read offline.access', 'r'],
  ['staying', 'tweet.read users.read tweet.write', 'r'],
  ['a refresh token', 'tweet.read users.read tweet.write offline.access', undefined],
] as const)('is unprocessable without %s', async ([, scope, refreshToken]) => {
  const { url, pending } = await start()
  const { code } = await allow(url)
  const body = { token_type: 'bearer', access_token: 'a', refresh_token: refreshToken, expires_in: 7200, scope }
  twitter.failNext('/2/oauth2/token', { status: 200, body })
  await expect(driver.finish({ pending, reply: { code }, signal })).rejects.toMatchObject({ refusal: 'unprocessable' })
})

test('is unavailable, and says why in the log only, when the operator has set a wrong secret', async () => {
  const wrongSecret = driverWith({ clientSecret: 'wrong' })
  const { url, pending } = await start(wrongSecret)
  const { code } = await allow(url)
  const error = { name: 'UnavailableError', message: 'Twitter is unavailable', cause: { status: 401 } }
  await expect(wrongSecret.finish({ pending, reply: { code }, signal })).rejects.toMatchObject(error)
  const grant = grantOf(await driver.finish({ pending, reply: { code }, signal }))
  await expect(wrongSecret.revoke(grant, { signal })).rejects.toMatchObject(error)
  expect(await tweet(grant, 'still there')).toBe(201)
})
