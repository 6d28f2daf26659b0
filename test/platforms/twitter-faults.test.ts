import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grant, Platform } from '../../src/platforms/platform.ts'
import { twitterOAuth1, twitterOAuth2 } from '../../src/platforms/twitter.ts'
import { startTwitter, type TwitterFault, type TwitterSandbox, twitterPeople } from '../../src/sandbox/twitter.ts'
import { consentAtTwitter } from '../support/twitter-consent.ts'

const [one] = twitterPeople
const redirectUri = 'https://app.example/back'
const unavailable = { name: 'UnavailableError', message: 'Twitter is unavailable' }
let twitter: TwitterSandbox
const drivers = {} as Record<'oauth' | 'oauth2', Platform>
beforeAll(async () => {
  twitter = await startTwitter()
  drivers.oauth = twitterOAuth1({ ...twitter, baseUrl: twitter.url })
  drivers.oauth2 = twitterOAuth2({ ...twitter, baseUrl: twitter.url })
})
afterAll(() => twitter.close())

type Protocol = keyof typeof drivers

async function agreed(protocol: Protocol) {
  const started = await drivers[protocol].start({ redirectUri, signal: new AbortController().signal })
  if (!('url' in started)) throw new Error('no address to send the user to')
  const back = Object.fromEntries(await consentAtTwitter(started.url, { personId: one.id }))
  const { code = '', oauth_token: oauthToken = '', oauth_verifier: oauthVerifier = '' } = back
  const reply = protocol === 'oauth' ? { oauthToken, oauthVerifier } : { code }
  return (signal: AbortSignal) => drivers[protocol].finish({ pending: started.pending, reply, signal })
}

async function granted(protocol: Protocol): Promise<Grant> {
  const finished = await (await agreed(protocol))(new AbortController().signal)
  if (!('grant' in finished)) throw new Error('no grant')
  return finished.grant
}

/** Every place where a driver asks Twitter, and how a user or a job comes there. */
const steps: [protocol: Protocol, path: string, prepare: () => Promise<(signal: AbortSignal) => Promise<unknown>>][] = [
  ['oauth', '/oauth/request_token', async () => (signal) => drivers.oauth.start({ redirectUri, signal })],
  ['oauth', '/oauth/access_token', () => agreed('oauth')],
  ['oauth', '/2/users/me', () => agreed('oauth')],
  ['oauth', '/1.1/oauth/invalidate_token.json', () => revocationOf('oauth')],
  ['oauth2', '/2/oauth2/token', () => agreed('oauth2')],
  ['oauth2', '/2/users/me', () => agreed('oauth2')],
  ['oauth2', '/2/oauth2/revoke', () => revocationOf('oauth2')],
]

async function revocationOf(protocol: Protocol) {
  const grant = await granted(protocol)
  return (signal: AbortSignal) => drivers[protocol].revoke(grant, { signal })
}

function timesAsked(path: string) {
  return twitter.received.filter((request) => request.path === path).length
}

describe.for(steps)('%s at %s', ([, path, prepare]) => {
  test.for<[name: string, fault: TwitterFault]>([
    ['a 500', { status: 500 }],
    ['a 503 with a page', { status: 503, body: '<html>Over capacity</html>' }],
    ["a proxy's page", { status: 403, body: '<!DOCTYPE html><title>Just a moment</title>' }],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' } }],
    ['wrong JSON', 'garbage'],
    ['other JSON', { status: 200, body: { ok: true } }],
    ['an empty answer', { status: 200, body: '' }],
    ['a reset', 'reset'],
    ["the operator's credits used up", { status: 402, body: { title: 'CreditsDepleted' } }],
  ])('is unavailable after %s, having asked once', async ([, fault]) => {
    const ask = await prepare()
    const before = timesAsked(path)
    twitter.failNext(path, fault)
    await expect(ask(new AbortController().signal)).rejects.toMatchObject(unavailable)
    expect(timesAsked(path) - before).toBe(1)
  })

  test.for<TwitterFault>(['hang', 'late'])(
    'is unavailable when the time is up (%s), having asked once',
    async (fault) => {
      const ask = await prepare()
      const before = timesAsked(path)
      twitter.failNext(path, fault)
      const limit = new AbortController()
      const asking = expect(ask(limit.signal)).rejects.toMatchObject(unavailable)
      await expect.poll(() => timesAsked(path) - before, { interval: 5 }).toBe(1)
      limit.abort()
      await asking
      expect(timesAsked(path) - before).toBe(1)
    },
  )

  test('asks nothing when the time is up before', async () => {
    const ask = await prepare()
    const before = twitter.received.length
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject(unavailable)
    expect(twitter.received).toHaveLength(before)
  })

  test("passes Twitter's own limit on", async () => {
    const ask = await prepare()
    const before = timesAsked(path)
    const body = { errors: [{ code: 88, message: 'Rate limit exceeded' }] }
    twitter.failNext(path, { status: 429, body, headers: { 'retry-after': '77' } })
    const isRevocation = /revoke|invalidate/.test(path)
    await expect(ask(new AbortController().signal)).rejects.toMatchObject(
      isRevocation
        ? { ...unavailable, retryAfterSeconds: 77 }
        : { refusal: 'too_many_requests', details: { retryAfterSeconds: 77 } },
    )
    expect(timesAsked(path) - before).toBe(1)
  })
})

test.for<[name: string, headers: Record<string, string>, seconds: number]>([
  ['an epoch second', { 'x-rate-limit-reset': '1000900' }, 900],
  ['an epoch second that has passed', { 'x-rate-limit-reset': '999000' }, 1],
  ['a date', { 'retry-after': new Date(1_000_030_000).toUTCString() }, 30],
  ['nothing', {}, 60],
  ['nonsense', { 'retry-after': 'soon' }, 60],
])('reads how long a limit lasts from %s', async ([, headers, retryAfterSeconds]) => {
  const date = new Date(1_000_000_000).toUTCString()
  const carrier: typeof fetch = async () => new Response('{}', { status: 429, headers: { date, ...headers } })
  const driver = twitterOAuth1({ apiKey: 'k', apiKeySecret: 's', fetch: carrier })
  const asking = driver.start({ redirectUri, signal: new AbortController().signal })
  await expect(asking).rejects.toMatchObject({ details: { retryAfterSeconds } })
})

test('an authorization that did not reach Twitter can still be finished', async () => {
  for (const [protocol, path] of [
    ['oauth', '/oauth/access_token'],
    ['oauth2', '/2/oauth2/token'],
  ] as const) {
    const finish = await agreed(protocol)
    twitter.failNext(path, 'reset')
    await expect(finish(new AbortController().signal)).rejects.toMatchObject(unavailable)
    expect(await finish(new AbortController().signal)).toHaveProperty('grant.accountId', one.id)
  }
})

test('a revocation that failed five times, and once halfway, is done at the next try', async () => {
  for (const protocol of ['oauth', 'oauth2'] as const) {
    const revoke = await revocationOf(protocol)
    const path = protocol === 'oauth' ? '/1.1/oauth/invalidate_token.json' : '/2/oauth2/revoke'
    const faults: TwitterFault[] = ['reset', 'garbage', { status: 500 }, { status: 502 }, { status: 429 }]
    for (const fault of faults) {
      twitter.failNext(path, fault)
      await expect(revoke(new AbortController().signal)).rejects.toMatchObject(unavailable)
    }
    const limit = new AbortController()
    const before = timesAsked(path)
    twitter.failNext(path, 'late')
    const asking = expect(revoke(limit.signal)).rejects.toMatchObject(unavailable)
    await expect.poll(() => timesAsked(path) - before, { interval: 5 }).toBe(1)
    limit.abort()
    await asking
    await revoke(new AbortController().signal)
  }
})

test("an account that may not act is the user's matter, an app that may not is the operator's", async () => {
  const locked = { title: 'Forbidden', status: 403, detail: 'Forbidden', type: 'about:blank' }
  const notEnrolled = { title: 'Client Forbidden', type: 'https://api.twitter.com/2/problems/client-forbidden' }
  for (const protocol of ['oauth', 'oauth2'] as const) {
    twitter.failNext('/2/users/me', { status: 403, body: locked })
    await expect((await agreed(protocol))(new AbortController().signal)).rejects.toMatchObject({ refusal: 'forbidden' })
    twitter.failNext('/2/users/me', { status: 403, body: notEnrolled })
    await expect((await agreed(protocol))(new AbortController().signal)).rejects.toMatchObject(unavailable)
  }
})

test("a signature whose time is wrong is the operator's matter: the authorization stays", async () => {
  const finish = await agreed('oauth')
  const body = { errors: [{ code: 135, message: 'Timestamp out of bounds.' }] }
  twitter.failNext('/oauth/access_token', { status: 401, body })
  await expect(finish(new AbortController().signal)).rejects.toMatchObject(unavailable)
  expect(await finish(new AbortController().signal)).toHaveProperty('grant.accountId', one.id)
})

test('no message tells what Twitter said, and no log line tells a token', async () => {
  const finish = await agreed('oauth2')
  twitter.failNext('/2/oauth2/token', { status: 200, body: 'secret-token and no JSON' })
  const error = await finish(new AbortController().signal).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(Error)
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.stack : undefined
  expect(cause).toContain('did not respond with JSON')
  expect(cause).not.toContain('secret-token')
})
