import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cloneDatabase } from '../support/clone-database.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import { fakedClock } from '../support/faked-clock.ts'
import { type Instances, openInstances } from '../support/open-instances.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { agreeAtTwitter, connectTelegram } from '../vault/wallet-world.ts'

const name = 'an instance whose clock is wrong'
const wrongPassword = 'a wrong passphrase'
const tokenPath = '/oauth2/token'

/** Of the database's clock, and so of everybody's: within a minute, where the instances are ten off. */
const minute = 60_000
const near = (instant: number | string, seconds: number) =>
  expect(Math.abs(new Date(instant).getTime() - Date.now() - seconds * 1000)).toBeLessThan(minute)

describe.skipIf(!fakedClock)(fakedClock ? name : `${name} (skipped: no faketime on this machine)`, () => {
  let world: Instances
  let around: Awaited<ReturnType<typeof openSurroundings>>
  beforeAll(async () => {
    around = await openSurroundings()
    const { clientId, clientSecret } = around.sandbox.credentials.twitterOAuth2
    const twitter = { TWITTER_CLIENT_ID: clientId, TWITTER_CLIENT_SECRET: clientSecret, TWITTER_PROTOCOL: 'oauth2' }
    const each = [10, -10].map((minutes) => ({ ...fakedClock?.(minutes), ...twitter }))
    world = await openInstances({ around, databaseUrl: await cloneDatabase(), each })
  })
  afterAll(async () => {
    await world?.close()
    await around?.close()
  })

  /** Seconds. */
  const retryAfter = (answer: { headers: Headers }) => Number(answer.headers.get('Retry-After'))

  describe.each([
    [0, 'ten minutes ahead'],
    [1, 'ten minutes behind'],
  ])('%i: %s', (at) => {
    test('takes a session for valid, renewed and over when it is', async () => {
      const ada = await world.signedUpPerson({ at })
      const { createdAt, updatedAt } = await (await ada.dashboard()).json()
      near(createdAt, 0)
      near(updatedAt, 0)
      for (const _ of ['once', 'and again']) {
        await world.passTime(7190)
        const answer = await ada.dashboard()
        expect([answer.status, answer.headers.get('Set-Cookie')]).toEqual([
          200,
          expect.stringContaining('Max-Age=7200'),
        ])
      }
      await world.passTime(7210)
      expect((await ada.dashboard()).status).toBe(401)
    })

    test('sends codes, and tells and keeps the waits between them and the life of a code', async () => {
      const ada = world.person({ at })
      await ada.startSignUp()
      const sent = await ada.sendCode()
      expect(sent.status).toBe(201)
      near((await sent.json()).expires, 120)
      const early = await ada.sendCode()
      expect(early.status).toBe(429)
      expect(retryAfter(early)).toBeGreaterThan(60)
      expect(retryAfter(early)).toBeLessThanOrEqual(120)
      await world.passTime(121)
      expect((await ada.sendCode()).status).toBe(201)
      await world.passTime(601)
      expect((await ada.enterCode()).status).toBe(403)
      expect((await ada.sendCode()).status).toBe(201)
      await world.passTime(540)
      const entered = await ada.enterCode()
      expect(entered.status).toBe(200)
      near((await entered.json()).expires, 7200)
      expect((await ada.finishSignUp()).status).toBe(200)
    })

    test('blocks a number for as long as it says', async () => {
      const ada = world.person({ at })
      await ada.signUp()
      expect(await countStatuses(times(5, () => ada.elsewhere().logIn(wrongPassword)))).toEqual({ 401: 5 })
      const blocked = await ada.logIn()
      expect(blocked.status).toBe(429)
      expect(retryAfter(blocked)).toBeGreaterThan(840)
      expect(retryAfter(blocked)).toBeLessThanOrEqual(900)
      await world.passTime(840)
      expect((await ada.logIn()).status).toBe(429)
      await world.passTime(60)
      expect((await ada.logIn()).status).toBe(200)
    })

    test('finishes a connection within its ten minutes and not after, and revokes it', async () => {
      const ada = await world.signedUpPerson({ at })
      const tooLate = await ada.consentAtGoogle()
      await world.passTime(601)
      expect((await ada.finish('gmail', 'oauth2', tooLate)).status).toBe(403)
      const inTime = await ada.consentAtGoogle()
      await world.passTime(540)
      expect((await ada.finish('gmail', 'oauth2', inTime)).status).toBe(200)
      const { tokens } = await world.grantOf(ada, 'gmail')
      near(Number(tokens.expiry_date), 3600)
      expect((await ada.revoke('gmail', 'oauth2')).status).toBe(200)
      await expect.poll(() => world.sql`select from revocations`).toHaveLength(0)
      expect(around.sandbox.google.isLive(String(tokens.refresh_token))).toBe(false)
    })

    test('saves when a token of Twitter ends', async () => {
      const ada = await world.signedUpPerson({ at })
      const finished = await ada.finish('twitter', 'oauth2', await agreeAtTwitter(ada, 'oauth2'))
      expect(finished.status).toBe(200)
      near(Number((await world.grantOf(ada, 'twitter')).tokens.expiresAt), 7200)
      expect((await ada.revoke('twitter', 'oauth2')).status).toBe(200)
    })

    test('speaks with Telegram, whose messages carry times', async () => {
      const ada = await world.signedUpPerson({ at })
      expect((await connectTelegram(ada)).status).toBe(200)
      expect((await ada.revoke('telegram', 'twofactor')).status).toBe(200)
      await expect.poll(() => world.sql`select from revocations`).toHaveLength(0)
    })

    test('passes on for how long a platform asks to wait, also where it names the time', async () => {
      const ada = await world.signedUpPerson({ at })
      const reply = await ada.consentAtGoogle()
      const until = new Date(Date.now() + 90_000).toUTCString()
      around.sandbox.google.failNext(tokenPath, { status: 429, headers: { 'retry-after': until } })
      const answer = await ada.finish('gmail', 'oauth2', reply)
      expect(answer.status).toBe(429)
      expect(retryAfter(answer)).toBeGreaterThan(30)
      expect(retryAfter(answer)).toBeLessThan(150)
    })
  })
})
