import { TwitterApi } from 'twitter-api-v2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finished, Grant, Platform, Started } from '../../src/platforms/platform.ts'
import { atBase } from '../../src/platforms/twitter/open-client.ts'
import { twitterOAuth1 } from '../../src/platforms/twitter.ts'
import { startTwitter, type TwitterSandbox, twitterPeople } from '../../src/sandbox/twitter.ts'
import { consentAtTwitter } from '../support/twitter-consent.ts'

const [one, two] = twitterPeople
const redirectUri = 'https://app.example/platforms/twitter/protocols/oauth/redirect_codes/'
const refused = { refusal: 'forbidden', message: 'the authorization was refused; start again' }
let twitter: TwitterSandbox
let driver: Platform
beforeAll(async () => {
  twitter = await startTwitter({ callbackUrls: [redirectUri] })
  const { url: baseUrl, apiKey, apiKeySecret } = twitter
  driver = twitterOAuth1({ apiKey, apiKeySecret, baseUrl })
})
afterAll(() => twitter.close())

const { signal } = new AbortController()

async function start(by = driver) {
  return withUrl(await by.start({ redirectUri, signal }))
}

function withUrl(started: Started) {
  if (!('url' in started)) throw new Error('no address to send the user to')
  return started
}

function grantOf(finished: Finished): Grant {
  if (!('grant' in finished)) throw new Error('no grant')
  return finished.grant
}

async function allow(url: string, personId: string = one.id) {
  const back = await consentAtTwitter(url, { personId })
  return { oauthToken: back.get('oauth_token') ?? '', oauthVerifier: back.get('oauth_verifier') ?? '' }
}

async function connect(personId: string) {
  const { url, pending } = await start()
  return grantOf(await driver.finish({ pending, reply: await allow(url, personId), signal }))
}

/** What the gateway does with a kept grant, through the library. */
function tweet({ tokens }: Grant, text: string) {
  const { accessToken, accessSecret } = tokens
  const user = { accessToken: String(accessToken), accessSecret: String(accessSecret) }
  const app = { appKey: twitter.apiKey, appSecret: twitter.apiKeySecret }
  const plugin: NonNullable<ConstructorParameters<typeof TwitterApi>[1]>['plugins'] = [
    {
      async onBeforeRequestConfig({ client, params }) {
        const { url, method, headers, body } = Reflect.get(client, 'getHttpRequestArgs').call(client, params)
        const answer = await fetch(atBase(url, twitter.url), { method, headers, body })
        return { data: { status: answer.status }, headers: {} }
      },
    },
  ]
  return new TwitterApi({ ...app, ...user }, { plugins: plugin }).v2.post<{ status: number }>('tweets', { text })
}

test('connects an account, posts with its grant until it is revoked, and not after', async () => {
  const { url, pending } = await start()
  expect(new URL(url).origin + new URL(url).pathname).toBe(`${twitter.url}/oauth/authorize`)
  expect(Object.keys(pending)).toEqual(['oauthToken', 'oauthTokenSecret'])

  const grant = grantOf(await driver.finish({ pending, reply: await allow(url, two.id), signal }))
  expect(grant).toEqual({
    accountId: two.id,
    tokens: { accessToken: expect.any(String), accessSecret: expect.any(String) },
    profile: { name: two.name, username: two.username },
  })

  expect(await tweet(grant, 'before')).toEqual({ status: 201 })
  await driver.revoke(grant, { signal })
  expect(await tweet(grant, 'after')).toEqual({ status: 401 })
  expect(twitter.tweets).toEqual([{ id: expect.any(String), authorId: two.id, text: 'before' }])
})

test('revoking what is revoked already resolves', async () => {
  const grant = await connect(one.id)
  await driver.revoke(grant, { signal })
  await driver.revoke(grant, { signal })
})

test("sends people to Twitter's own address when no other is set", async () => {
  const answer = 'oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true'
  let consentUrl: URL | undefined
  const carrier: typeof fetch = async (address) => {
    consentUrl = new URL(String(address))
    return new Response(answer)
  }
  const { url } = await start(twitterOAuth1({ apiKey: 'k', apiKeySecret: 's', fetch: carrier }))
  expect(consentUrl?.href).toBe('https://api.x.com/oauth/request_token')
  expect(url).toBe('https://api.x.com/oauth/authorize?oauth_token=t')
})

test('names the fields that are missing, also after Cancel', async () => {
  const { url, pending } = await start()
  const back = await consentAtTwitter(url, 'cancel')
  expect([...back.keys()]).toEqual(['denied'])
  const fields = ['oauth_token', 'oauth_verifier']
  await expect(driver.finish({ pending, reply: {}, signal })).rejects.toMatchObject({
    refusal: 'bad_request',
    details: { fields },
  })
  await expect(driver.finish({ pending, reply: { oauthToken: 'x', oauthVerifier: '' }, signal })).rejects.toMatchObject(
    { refusal: 'bad_request', details: { fields: ['oauth_verifier'] } },
  )
})

test('refuses a request token that is not the pending one, without asking Twitter', async () => {
  const mine = await start()
  const other = await start()
  const stolen = await allow(other.url)
  const requestsBefore = twitter.received.length
  await expect(driver.finish({ pending: mine.pending, reply: stolen, signal })).rejects.toMatchObject(refused)
  expect(twitter.received).toHaveLength(requestsBefore)
})

test('refuses a wrong verifier, one of another request, and one that was used', async () => {
  const { url, pending } = await start()
  const reply = await allow(url)
  const other = await start()
  const { oauthVerifier } = await allow(other.url)
  await expect(driver.finish({ pending, reply: { ...reply, oauthVerifier: 'guess' }, signal })).rejects.toMatchObject(
    refused,
  )
  await expect(driver.finish({ pending, reply: { ...reply, oauthVerifier }, signal })).rejects.toMatchObject(refused)
  await driver.finish({ pending, reply, signal })
  await expect(driver.finish({ pending, reply, signal })).rejects.toMatchObject(refused)
})

test('refuses a verifier before the person has agreed', async () => {
  const { pending } = await start()
  const reply = { oauthToken: String(pending.oauthToken), oauthVerifier: 'undefined' }
  await expect(driver.finish({ pending, reply, signal })).rejects.toMatchObject(refused)
})

test('is unavailable, and says why in the log only, when the operator has set wrong keys or no callback', async () => {
  const { url: baseUrl, apiKey } = twitter
  const wrongSecret = twitterOAuth1({ apiKey, apiKeySecret: 'wrong', baseUrl })
  const error = { name: 'UnavailableError', message: 'Twitter is unavailable' }
  await expect(start(wrongSecret)).rejects.toMatchObject({ ...error, cause: { codes: [32] } })
  const elsewhere = driver.start({ redirectUri: 'https://elsewhere.example/', signal })
  await expect(elsewhere).rejects.toMatchObject({ ...error, cause: { codes: [415] } })

  const grant = await connect(one.id)
  await expect(wrongSecret.revoke(grant, { signal })).rejects.toMatchObject({ ...error, cause: { codes: [32] } })
})
