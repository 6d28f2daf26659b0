import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { openCodeSender } from '../../src/server/open-services.ts'
import type { Log } from '../../src/services.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { smsWebhookServer } from '../support/sms-webhook-server.ts'
import { twilioServer } from '../support/twilio-server.ts'
import { openWorld } from '../support/world.ts'

const [gateway, twilio] = await Promise.all([smsWebhookServer(), twilioServer()])
afterAll(() => Promise.all([gateway.close(), twilio.close()]))
const warnings: unknown[][] = []
beforeEach(() => {
  gateway.fault = twilio.fault = undefined
  gateway.status = 204
  warnings.length = 0
})

type Provider = 'webhook' | 'twilio' | 'twilio-verify'

/** A server that sends by these two. */
function openWorldWith(first: Provider, second: Provider, env: Record<string, string> = {}) {
  const config = readConfig({
    SMS_PROVIDER: first,
    SMS_FALLBACK_PROVIDER: second,
    SMS_WEBHOOK_URL: gateway.url,
    SMS_WEBHOOK_SECRET: gateway.secret,
    TWILIO_ACCOUNT_SID: twilio.account.accountSid,
    TWILIO_AUTH_TOKEN: twilio.account.authToken,
    TWILIO_SERVICE_SID: twilio.account.serviceSid,
    TWILIO_FROM: twilio.account.from,
    TWILIO_BASE_URL: twilio.url,
  })
  const log = { warn: (...line) => void warnings.push(line) } as Partial<Log> as Log
  const codeSender = openCodeSender(config, { log, write: expect.unreachable })
  return openWorld({ services: { passwords: plainPasswords, codeSender }, env })
}

async function signingUp(world: Awaited<ReturnType<typeof openWorldWith>>): Promise<Person> {
  const ada = world.person()
  await ada.startSignUp()
  return ada
}

/** The code in the last request that the gateway got, whatever it answered. */
const codeAtGateway = (): string => JSON.parse(gateway.received.at(-1)?.body ?? '{}').code
const requestCounts = () => ({ gateway: gateway.received.length, twilio: twilio.received.length })

describe('a gateway, and Twilio after it', async () => {
  const world = await openWorldWith('webhook', 'twilio')

  test('while the first works, the second is not asked', async () => {
    const ada = await signingUp(world)
    const before = requestCounts()
    expect((await ada.sendCode()).status).toBe(201)
    expect(requestCounts()).toEqual({ ...before, gateway: before.gateway + 1 })
    expect((await ada.enterCode(codeAtGateway())).status).toBe(200)
    expect(warnings).toEqual([])
  })

  test('when the first is down, the second sends the code at once, and the log says so', async () => {
    const ada = await signingUp(world)
    gateway.fault = 'status 500'
    expect((await ada.sendCode()).status).toBe(201)
    const message = twilio.messages.at(-1)
    expect(message?.to).toBe(ada.phoneNumber)
    expect((await ada.enterCode(message?.body.slice(0, 6))).status).toBe(200)
    expect(warnings).toEqual([
      [
        'the first SMS provider is unavailable; falling back to the second',
        { first: 'webhook', second: 'twilio', error: expect.objectContaining({ message: 'it answered 500' }) },
      ],
    ])
  })

  test('when both are down, the answer is 503, no wait is charged, and no code is right', async () => {
    const ada = await signingUp(world)
    gateway.fault = 'reset'
    twilio.fault = 'status 500'
    const before = requestCounts()
    const answer: Response = await ada.sendCode()
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '5'])
    expect((await ada.sendCode()).status).toBe(503)
    expect(requestCounts()).toEqual({ gateway: before.gateway + 2, twilio: before.twilio + 2 })
    expect((await ada.enterCode(codeAtGateway())).status).toBe(403)
    twilio.fault = undefined
    const { expires } = await (await ada.sendCode()).json()
    expect(expires - Date.now()).toBeLessThan(121_000)
    expect((await ada.sendCode()).status).toBe(429)
  })

  test('a number that the first cannot reach is not tried elsewhere', async () => {
    const ada = await signingUp(world)
    gateway.status = 422
    const before = requestCounts()
    expect((await ada.sendCode()).status).toBe(400)
    expect(requestCounts()).toEqual({ ...before, gateway: before.gateway + 1 })
    expect((await ada.sendCode()).status).toBe(429)
  })

  test('a number that the second cannot reach is refused', async () => {
    const ada = await signingUp(world)
    gateway.status = 503
    twilio.refuse(ada.phoneNumber, 21614)
    expect((await ada.sendCode()).status).toBe(400)
  })
})

describe('a gateway, and Twilio Verify after it, which makes and checks its own codes', async () => {
  const world = await openWorldWith('webhook', 'twilio-verify')

  test('the code of whoever sent it is right, and nobody else is asked about it', async () => {
    const ada = await signingUp(world)
    await ada.sendCode()
    const before = requestCounts()
    expect((await ada.enterCode(codeAtGateway())).status).toBe(200)
    expect(requestCounts()).toEqual(before)
  })

  test('when the second sent its own, ours is dead, though the first may have sent it all the same', async () => {
    const ada = await signingUp(world)
    gateway.fault = 'reset'
    expect((await ada.sendCode()).status).toBe(201)
    const theirs = twilio.codeFor(ada.phoneNumber) ?? ''
    if (codeAtGateway() !== theirs) expect((await ada.enterCode(codeAtGateway())).status).toBe(403)
    // Also once the first is back.
    gateway.fault = undefined
    expect((await ada.enterCode(theirs)).status).toBe(200)
  })

  test('when the next is sent by the first again, the second’s is dead', async () => {
    const ada = await signingUp(world)
    gateway.fault = 'status 500'
    await ada.sendCode()
    const theirs = twilio.codeFor(ada.phoneNumber) ?? ''
    await world.passTime(121)
    gateway.fault = undefined
    await ada.sendCode()
    if (codeAtGateway() !== theirs) expect((await ada.enterCode(theirs)).status).toBe(403)
    expect((await ada.enterCode(codeAtGateway())).status).toBe(200)
  })

  test('while the second is down its code can not be checked: 503, and the code lives', async () => {
    const ada = await signingUp(world)
    gateway.fault = 'status 500'
    await ada.sendCode()
    twilio.fault = 'status 500'
    const theirs = twilio.codeFor(ada.phoneNumber)
    expect((await ada.enterCode(theirs)).status).toBe(503)
    twilio.fault = undefined
    expect((await ada.enterCode(theirs)).status).toBe(200)
  })
})

describe('Twilio Verify, and a gateway after it', async () => {
  const world = await openWorldWith('twilio-verify', 'webhook')

  test('the code of Verify is right while it works', async () => {
    const ada = await signingUp(world)
    await ada.sendCode()
    expect((await ada.enterCode(twilio.codeFor(ada.phoneNumber))).status).toBe(200)
  })

  test('when the second sent ours, Verify’s is dead, and Verify is not asked', async () => {
    const ada = await signingUp(world)
    await ada.sendCode()
    const theirs = twilio.codeFor(ada.phoneNumber) ?? ''
    await world.passTime(121)
    twilio.fault = 'status 500'
    expect((await ada.sendCode()).status).toBe(201)
    const before = requestCounts()
    if (codeAtGateway() !== theirs) expect((await ada.enterCode(theirs)).status).toBe(403)
    expect((await ada.enterCode(codeAtGateway())).status).toBe(200)
    expect(requestCounts()).toEqual(before)
  })
})

describe.each([
  ['webhook', 'twilio-verify'],
  ['twilio-verify', 'webhook'],
] as const)('with HIDE_ACCOUNTS, %s and %s after it', async (first, second) => {
  const world = await openWorldWith(first, second, { HIDE_ACCOUNTS: 'true' })

  /** Verify is asked about wrong codes of a recovery so often. */
  async function timesVerifyIsAsked(person: Person): Promise<number> {
    const browser = person.elsewhere()
    await browser.startRecovery()
    expect((await browser.sendCode()).status).toBe(201)
    const before = twilio.received.length
    expect((await browser.enterCode('000000')).status).toBe(403)
    return twilio.received.length - before
  }

  async function signedUp(): Promise<Person> {
    const ada = await signingUp(world)
    await ada.sendCode()
    const code = isVerifyNext() ? twilio.codeFor(ada.phoneNumber) : gateway.codeFor(ada.phoneNumber)
    expect((await ada.enterCode(code)).status).toBe(200)
    await ada.finishSignUp()
    await world.passTime(100_000)
    return ada
  }

  const isFirstDown = () => (first === 'webhook' ? gateway : twilio).fault !== undefined
  const isVerifyNext = () => (isFirstDown() ? second : first) === 'twilio-verify'

  test('Verify is asked about a decoy whenever it is asked about an account', async () => {
    expect(await timesVerifyIsAsked(world.person())).toBe(isVerifyNext() ? 1 : 0)
    const [ada, bola] = [await signedUp(), await signedUp()]
    expect(await timesVerifyIsAsked(ada)).toBe(isVerifyNext() ? 1 : 0)
    expect(await timesVerifyIsAsked(world.person())).toBe(isVerifyNext() ? 1 : 0)

    if (first === 'webhook') gateway.fault = 'status 500'
    // Of Verify only the sending is down, as far as this can tell.
    else twilio.refuse(bola.phoneNumber, 20429, 429)
    const isAsked = first === 'webhook' ? 1 : 0
    expect(await timesVerifyIsAsked(bola)).toBe(isAsked)
    expect(await timesVerifyIsAsked(world.person())).toBe(isAsked)
  })
})
