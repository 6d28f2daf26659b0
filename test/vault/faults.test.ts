import { describe, expect, test } from 'vitest'
import { randomPhoneNumber } from '../support/person.ts'
import { askedOf, type FaultName, fail, limitFor, openProviderCalls, type ProviderCall } from './provider-calls.ts'
import { ada, connectTelegram } from './wallet-world.ts'

const { worlds, telegram, starts, exchanges, lookUps, ends } = await openProviderCalls()
const everyFault = ['silence', 'late', '500', 'reset', 'garbage', '429'] as const
type Action = () => Promise<Response>

/** What a person gets and what is stored, when the next call to the provider fails. Asked twice would be a code sent twice. */
async function strike(call: ProviderCall, name: FaultName, action: Action) {
  fail(call, name)
  const before = askedOf(call)
  const { status, headers } = await action()
  const { platform, world } = call
  const [stored] = await world.sql<{ pending: number; grants: number; jobs: number }[]>`
    select (select count(*)::int from pending_authorizations where platform = ${platform}) as pending,
      (select count(*)::int from grants where platform = ${platform}) as grants,
      (select count(*)::int from revocations where platform = ${platform}) as jobs`
  return { status, waits: Number(headers.get('Retry-After')), asked: askedOf(call) - before, ...stored }
}

/** All calls at once; `after`: what is tried when the fault is over. */
async function strikeAll(
  calls: readonly ProviderCall[],
  name: FaultName,
  prepare: (call: ProviderCall) => Promise<Action>,
  after: (call: ProviderCall, action: Action) => Promise<object>,
) {
  const actions = await Promise.all(calls.map(async (call) => ({ call, action: await prepare(call) })))
  limitFor(calls, name)
  const failed = await Promise.all(actions.map(({ call, action }) => strike(call, name, action)))
  limitFor(calls)
  const later = await Promise.all(actions.map(({ call, action }) => after(call, action)))
  return Object.fromEntries(
    actions.map(({ call }, at) => [`${call.platform} ${call.what}`, { ...failed[at], ...later[at] }]),
  )
}

const forAll = (calls: readonly ProviderCall[], expected: object, atTelegram: object = {}) =>
  Object.fromEntries(
    calls.map(({ platform, what }) => [
      `${platform} ${what}`,
      platform === 'telegram' ? { ...expected, ...atTelegram } : expected,
    ]),
  )

describe('a start that meets', () => {
  test.each(everyFault)('%s', async (name) => {
    const seen = await strikeAll(
      starts,
      name,
      async ({ person, platform, protocol }) => {
        const phone_number = randomPhoneNumber()
        return () => person.start(platform, protocol, { phone_number })
      },
      async (_, start) => ({ again: (await start()).status }),
    )
    const refused = name === '429' ? { status: 429, waits: 30 } : { status: 503, waits: 5 }
    expect(seen).toEqual(forAll(starts, { ...refused, asked: 1, pending: 0, grants: 0, jobs: 0, again: 200 }))
  })
})

describe('an exchange that meets', () => {
  const finishAll = (calls: readonly ProviderCall[], name: FaultName) =>
    strikeAll(
      calls,
      name,
      async ({ person, platform, protocol, arrive }) => {
        const reply = await arrive()
        return () => person.finish(platform, protocol, reply)
      },
      async ({ person, platform, protocol, arrive }, finish) => {
        const again = (await finish()).status
        if (again === 200) return { again }
        return { again, anew: (await person.finish(platform, protocol, await arrive())).status }
      },
    )
  const kept = { status: 503, waits: 5, asked: 1, pending: 1, grants: 0, jobs: 0, again: 200 }
  /** The code was used: only a new consent helps. Telegram, asked again, knows that this very session is signed in. */
  const used = { ...kept, again: 403, anew: 200 }

  test.each([
    ['silence', kept],
    ['late', used],
    ['500', kept],
    ['reset', kept],
    ['garbage', kept],
    ['429', { ...kept, status: 429, waits: 30 }],
  ] as const)('%s', async (name, expected) => {
    expect(await finishAll(exchanges, name)).toEqual(forAll(exchanges, expected, { again: 200, anew: undefined }))
  })

  test.each(['silence', '500', 'garbage'] as const)('%s after the exchange', async (name) => {
    expect(await finishAll(lookUps, name)).toEqual(forAll(lookUps, kept))
  })
})

describe('a revocation that meets', () => {
  test.each(everyFault)('%s', async (name) => {
    const revoked = await Promise.all(
      ends.map(async (call) => {
        const { world, person, platform, protocol, arrive } = call
        await person.finish(platform, protocol, await arrive())
        const grant = await world.grantOf(person, platform)
        expect((await person.revoke(platform, protocol)).status).toBe(200)
        return { call, grant, asked: askedOf(call) }
      }),
    )
    for (const call of ends) fail(call, name)
    limitFor(ends, name)
    await Promise.all(worlds.map((world) => world.runJobs()))
    limitFor(ends)
    for (const { call, asked } of revoked) {
      const jobs = await call.world.sql`
        select attempts, dead_at, last_error from revocations where platform = ${call.platform}`
      const job = { attempts: 1, dead_at: null, last_error: expect.stringMatching(/^\w+ is unavailable: .+$/) }
      expect([call.what, askedOf(call) - asked, ...jobs]).toEqual([call.what, 1, job])
    }
    await Promise.all(worlds.map((world) => world.runAllJobs()))
    for (const world of worlds) expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
    for (const { call, grant } of revoked) expect(await call.world.isLive(call.platform, grant)).toBe(false)
  })
})

describe('Telegram that has forgotten the key', () => {
  const { world, person } = telegram

  test('of a sign-in: 403, and a new start helps', async () => {
    const reply = await telegram.arrive()
    world.sandbox.telegram.forgetKeys(ada)
    expect((await person.finish('telegram', 'twofactor', reply)).status).toBe(403)
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 0 })
    expect((await connectTelegram(person)).status).toBe(200)
  })

  test('of a grant: the next start sends a code, and its revocation is done', async () => {
    await connectTelegram(person)
    world.sandbox.telegram.forgetKeys(ada)
    const started = await person.start('telegram', 'twofactor', { phone_number: ada })
    expect((await started.json()).body).toBe('201')
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 1 })
    await world.runJobs()
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 0 })
    await person.finish('telegram', 'twofactor', { code: '12345' })
    world.sandbox.telegram.forgetKeys(ada)
    await person.revoke('telegram', 'twofactor')
    await world.runJobs()
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  })
})
