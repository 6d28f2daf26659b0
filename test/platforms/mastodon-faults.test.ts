import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MastodonFault } from '../../src/sandbox/mastodon.ts'
import {
  accountPath,
  type MastodonWorld,
  one,
  openMastodonWorld,
  revokePath,
  signal,
  tokenPath,
  unavailable,
} from '../support/mastodon-world.ts'

let world: MastodonWorld
beforeAll(async () => {
  world = await openMastodonWorld()
})
afterAll(() => world.instance.close())

type Ask = (signal: AbortSignal) => Promise<unknown>

/** Every place where the driver asks Mastodon, and how a user or a job comes there. */
const steps: [path: string, prepare: () => Promise<Ask>][] = [
  [tokenPath, finishing],
  [accountPath, finishing],
  [revokePath, revoking],
]

async function finishing(): Promise<Ask> {
  const { finish } = await world.agreed()
  return (limit) => finish({ signal: limit })
}

async function revoking(): Promise<Ask> {
  const grant = await world.connected()
  return (limit) => world.driver().revoke(grant, { signal: limit })
}

describe.for(steps)('at %s', ([path, prepare]) => {
  test.for<[name: string, fault: MastodonFault]>([
    ['a 500', { status: 500 }],
    ['a 503 with a page', { status: 503, body: '<html>Over capacity</html>' }],
    ["a proxy's page", { status: 403, body: '<!DOCTYPE html><title>Just a moment</title>' }],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' } }],
    ['a 404', { status: 404, body: { error: 'Record not found' } }],
    ['a 422', { status: 422, body: { error: 'Validation failed' } }],
    ['wrong JSON', 'garbage'],
    ['other JSON', { status: 200, body: { ok: true } }],
    ['an empty answer', { status: 200, body: '' }],
    ['a reset', 'reset'],
  ])('is unavailable after %s, having asked once', async ([, fault]) => {
    const ask = await prepare()
    const before = world.timesAsked(path)
    world.instance.failNext(path, fault)
    await expect(ask(signal)).rejects.toMatchObject(unavailable)
    expect(world.timesAsked(path) - before).toBe(1)
  })

  test.for<MastodonFault>(['hang', 'late'])('is unavailable when the time is up (%s)', async (fault) => {
    const ask = await prepare()
    const before = world.timesAsked(path)
    world.instance.failNext(path, fault)
    const limit = new AbortController()
    const asking = expect(ask(limit.signal)).rejects.toMatchObject(unavailable)
    await expect.poll(() => world.timesAsked(path) - before, { interval: 5 }).toBe(1)
    limit.abort()
    await asking
    expect(world.timesAsked(path) - before).toBe(1)
  })

  test('asks nothing when the time is up before', async () => {
    const ask = await prepare()
    const before = world.instance.received.length
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject(unavailable)
    expect(world.instance.received).toHaveLength(before)
  })

  test.for<[name: string, headers: Record<string, string>, seconds: number]>([
    ['its date, to the microsecond', { 'x-ratelimit-reset': '2030-01-01T00:04:59.500000Z' }, 300],
    ['a date that has passed', { 'x-ratelimit-reset': '2029-12-31T23:59:00.000000Z' }, 1],
    ["a proxy's seconds", { 'retry-after': '77', 'x-ratelimit-reset': '2030-01-01T00:05:00.000000Z' }, 77],
    ['nothing', {}, 60],
    ['nonsense', { 'x-ratelimit-reset': 'soon' }, 60],
  ])("passes Mastodon's own limit on, from %s", async ([, headers, retryAfterSeconds]) => {
    const ask = await prepare()
    const date = new Date(world.clock.now).toUTCString()
    world.instance.failNext(path, { status: 429, body: { error: 'Too many requests' }, headers: { date, ...headers } })
    await expect(ask(signal)).rejects.toMatchObject(
      path === revokePath
        ? { ...unavailable, retryAfterSeconds }
        : { refusal: 'too_many_requests', details: { retryAfterSeconds } },
    )
  })
})

test('a redirect is not followed: it would carry secrets elsewhere', async () => {
  for (const [path, prepare] of steps) {
    const ask = await prepare()
    world.instance.failNext(path, { status: 308, headers: { location: '/elsewhere' } })
    await expect(ask(signal)).rejects.toMatchObject(unavailable)
  }
  expect(world.timesAsked('/elsewhere')).toBe(0)
})

test('an authorization that did not reach Mastodon can still be finished', async () => {
  const { finish } = await world.agreed()
  const faults: MastodonFault[] = ['reset', { status: 502 }, { status: 429 }]
  for (const fault of faults) {
    world.instance.failNext(tokenPath, fault)
    await expect(finish()).rejects.toThrow()
  }
  expect(await finish()).toHaveProperty('grant.profile.username', one.username)
})

test('a revocation that failed five times, and once after it was done, is done at the next try', async () => {
  const grant = await world.connected()
  const faults: MastodonFault[] = ['reset', 'garbage', { status: 500 }, { status: 502 }, { status: 429 }]
  for (const fault of faults) {
    world.instance.failNext(revokePath, fault)
    await expect(world.driver().revoke(grant, { signal })).rejects.toMatchObject(unavailable)
    expect((await world.post(grant, 'still connected')).status).toBe(200)
  }
  const limit = new AbortController()
  const before = world.timesAsked(revokePath)
  world.instance.failNext(revokePath, 'late')
  const asking = expect(world.driver().revoke(grant, limit)).rejects.toMatchObject(unavailable)
  await expect.poll(() => world.timesAsked(revokePath) - before, { interval: 5 }).toBe(1)
  limit.abort()
  await asking
  await world.driver().revoke(grant, { signal })
  expect((await world.post(grant, 'no more')).status).toBe(401)
})

test('no error tells what Mastodon said when it should have been a token, nor our secret', async () => {
  const faults: MastodonFault[] = [
    { status: 200, body: 'secret-token and no JSON' },
    { status: 200, body: { access_token: 'secret-token', token_type: 'mac', scope: '' } },
    'reset',
  ]
  for (const fault of faults) {
    const { finish, code } = await world.agreed()
    world.instance.failNext(tokenPath, fault)
    const error = await finish().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...unavailable, cause: expect.any(Error) })
    const shown = inspect(error, { depth: null, showHidden: true })
    for (const secret of ['secret-token', world.instance.clientSecret, code]) expect(shown).not.toContain(secret)
  }
})
