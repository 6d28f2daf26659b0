import { beforeEach, describe, expect, test } from 'vitest'
import { ada, agreeAtTwitter, connectTelegram, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld({ DATABASE_POOL: '2', PLATFORM_TIMEOUT: '1' })
const { google, twitter, telegram } = world.sandbox

describe('PLATFORM_TIMEOUT=1', () => {
  test('past it: 503, and what was begun can still be finished', async () => {
    const person = await world.signedUpPerson()
    const { settings } = world.services
    expect(settings.platformTimeout).toBe(1)
    settings.platformTimeout = 10
    const gmail = await person.consentAtGoogle()
    const tweeter = await agreeAtTwitter(person, 'oauth')
    await person.start('telegram', 'twofactor', { phone_number: ada })
    settings.platformTimeout = 1
    google.failNext('/oauth2/token', 'hang')
    twitter.failNext('/oauth/access_token', 'hang')
    telegram.next('auth.signIn', 'hang')
    const finishes = () => [
      person.finish('gmail', 'oauth2', gmail),
      person.finish('twitter', 'oauth', tweeter),
      person.finish('telegram', 'twofactor', { code: '12345' }),
    ]
    const seen = await Promise.all(finishes())
    expect(seen.map(({ status, headers }) => [status, headers.get('Retry-After')])).toEqual(Array(3).fill([503, '5']))
    expect(await world.stored()).toEqual({ pending: 3, grants: 0, revocations: 0 })
    settings.platformTimeout = 10
    expect((await Promise.all(finishes())).map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

describe('what happens while a platform is asked', () => {
  beforeEach(() => {
    world.services.settings.platformTimeout = 60
  })
  /** A start or finish that Telegram is slow to answer, and what a person does meanwhile. */
  async function meanwhile(method: string, ask: () => Promise<Response>, action: () => Promise<unknown>) {
    const { promise, resolve } = Promise.withResolvers<void>()
    telegram.next(method, { until: promise })
    const arrived = telegram.done(method)
    const asked = ask()
    await Promise.race([arrived, asked])
    await action()
    resolve()
    return (await asked).status
  }

  test('a start whose session ends meanwhile keeps nothing: 401', async () => {
    const person = await world.signedUpPerson()
    const start = () => person.start('telegram', 'twofactor', { phone_number: ada })
    expect(await meanwhile('auth.sendCode', start, () => person.logOut())).toBe(401)
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  })

  test.each([
    ['logs out', 'logOut'],
    ['deletes the account', 'deleteAccount'],
  ] as const)(
    'a person who %s while finishing saves nothing, and the new authorization is ended',
    async (_, action) => {
      const person = await world.signedUpPerson()
      await person.start('telegram', 'twofactor', { phone_number: ada })
      const finish = () => person.finish('telegram', 'twofactor', { code: '12345' })
      expect(await meanwhile('auth.signIn', finish, () => person[action]())).toBe(403)
      expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
      const before = world.timesAsked('telegram', 'auth.logOut')
      await world.runJobs()
      expect(world.timesAsked('telegram', 'auth.logOut')).toBe(before + 1)
    },
  )

  test('an account lost to recovery meanwhile gets no grant of the loser', async () => {
    const person = await world.signedUpPerson()
    await world.sql`delete from code_waits`
    const owner = person.elsewhere()
    await owner.startRecovery()
    await owner.sendCode()
    await owner.enterCode()
    await person.start('telegram', 'twofactor', { phone_number: ada })
    const finish = () => person.finish('telegram', 'twofactor', { code: '12345' })
    const recover = () => owner.finishRecovery('the owner is back now')
    expect(await meanwhile('auth.signIn', finish, recover)).toBe(403)
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
  })

  test('a second finish is refused without asking, and the first one stands', async () => {
    const person = await world.signedUpPerson()
    await person.start('telegram', 'twofactor', { phone_number: ada })
    const before = world.timesAsked('telegram', 'auth.signIn')
    const finish = () => person.finish('telegram', 'twofactor', { code: '12345' })
    const again = async () => expect((await finish()).status).toBe(409)
    expect(await meanwhile('auth.signIn', finish, again)).toBe(200)
    expect(world.timesAsked('telegram', 'auth.signIn')).toBe(before + 1)
  })

  test('a new start takes the place of what is being finished', async () => {
    const person = await world.signedUpPerson()
    await person.start('telegram', 'twofactor', { phone_number: ada })
    const finish = () => person.finish('telegram', 'twofactor', { code: '12345' })
    const restart = () => person.start('telegram', 'twofactor', { phone_number: ada })
    expect(await meanwhile('auth.signIn', finish, restart)).toBe(403)
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 1 })
    expect((await finish()).status).toBe(200)
    await world.runJobs()
    expect(await world.isLive('telegram', await world.grantOf(person, 'telegram'))).toBe(true)
  })

  test('a process that dies while finishing blocks the connection for seconds only', async () => {
    const person = await world.signedUpPerson()
    await person.start('telegram', 'twofactor', { phone_number: ada })
    await world.sql`update pending_authorizations set held_until = now() + interval '15 seconds'`
    const finish = () => person.finish('telegram', 'twofactor', { code: '12345' })
    expect((await finish()).status).toBe(409)
    await world.passTime(16)
    expect((await finish()).status).toBe(200)
    expect((await connectTelegram(person)).status).toBe(409)
  })
})

// Last: Twitter's stand-in is closed at its end.
describe('a platform that hangs', () => {
  beforeEach(() => {
    world.services.settings.platformTimeout = 10
  })

  test('holds no database connection: of two, none is missing to other requests', async () => {
    const person = await world.signedUpPerson()
    for (let times = 0; times < 20; times++) twitter.failNext('/oauth/request_token', 'hang')
    const before = world.timesAsked('twitter', '/oauth/request_token')
    let answered = 0
    const starts = Array.from({ length: 20 }, async () => {
      const response = await person.start('twitter', 'oauth')
      answered++
      return [response.status, response.headers.get('Retry-After')]
    })
    await expect.poll(() => world.timesAsked('twitter', '/oauth/request_token')).toBe(before + 20)
    const others = await Promise.all(Array.from({ length: 40 }, async () => (await person.dashboard()).status))
    expect([new Set(others), answered]).toEqual([new Set([200]), 0])
    expect((await person.connectGmail()).status).toBe(200)
    expect(answered).toBe(0)
    await twitter.close()
    expect(await Promise.all(starts)).toEqual(Array(20).fill([503, '5']))
  })
})
