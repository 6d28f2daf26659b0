import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import type { CodeMessage, SmsLanguage } from '../../src/sms/code-sender.ts'
import { type TwilioVerifyOptions, twilioVerifySender } from '../../src/sms/twilio-verify.ts'
import { type TwilioServer, twilioServer } from '../support/twilio-server.ts'

let twilio: TwilioServer
beforeAll(async () => {
  twilio = await twilioServer()
})
beforeEach(() => {
  twilio.fault = undefined
})
afterAll(() => twilio.close())

const sender = (options: Partial<TwilioVerifyOptions> = {}) =>
  twilioVerifySender({ ...twilio.account, baseUrl: twilio.url, ...options })
const messageTo = (to: string, language: SmsLanguage = 'en'): CodeMessage => ({
  to,
  code: 'ignored',
  purpose: 'signup',
  sentAt: 0,
  language,
})
const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )
const lastForm = () => Object.fromEntries(new URLSearchParams(twilio.received.at(-1)?.body))

let lastNumber = 650000000
/** A number that nobody has verified, with its reference and the code that its phone got. */
async function sent() {
  const to = `+237${++lastNumber}`
  const { reference = '' } = await sender().send(messageTo(to))
  const code = twilio.codeFor(to) ?? ''
  return { to, reference, code, wrong: code === '000000' ? '111111' : '000000' }
}

describe('sending by Twilio Verify', () => {
  test("starts a verification and returns Twilio's reference", async () => {
    const { reference } = await sender().send(messageTo('+237670000001', 'fr'))
    expect(reference).toMatch(/^VE[0-9a-f]{32}$/)
    expect(lastForm()).toEqual({ To: '+237670000001', Channel: 'sms', Locale: 'fr' })
  })

  test("leaves the language to Twilio where it doesn't know it", async () => {
    await sender().send(messageTo('+93700000001', 'fa'))
    expect(lastForm()).toEqual({ To: '+93700000001', Channel: 'sms' })
  })

  test('calls verify.twilio.com unless told otherwise', async () => {
    const { accountSid, authToken, serviceSid } = twilio.account
    const urls: string[] = []
    const { send, check } = twilioVerifySender({
      accountSid,
      authToken,
      serviceSid,
      fetch(url, init) {
        urls.push(url)
        return globalThis.fetch(twilio.url + new URL(url).pathname, init)
      },
    })
    const { reference = '' } = await send(messageTo('+237670000002'))
    expect(await check(reference, twilio.codeFor('+237670000002') ?? '')).toBe(true)
    const service = `https://verify.twilio.com/v2/Services/${serviceSid}`
    expect(urls).toEqual([`${service}/Verifications`, `${service}/VerificationCheck`])
  })

  test.each([21211, 21408, 21610, 21614, 60200, 60205, 60238, 60410, 60605])(
    "takes Twilio's error %d as the number's fault",
    async (code) => {
      twilio.refuse('+237670000003', code, 403)
      expect(await failure(sender().send(messageTo('+237670000003')))).toMatchObject({
        name: 'RefusedError',
        refusal: 'bad_request',
        message: 'the number cannot receive messages',
      })
    },
  )

  test("can't send to what isn't E.164", async () => {
    expect(await failure(sender().send(messageTo('650000000')))).toMatchObject({ refusal: 'bad_request' })
  })

  test("is told to wait ten minutes after Twilio's five sends", async () => {
    const { to } = await sent()
    for (let send = 2; send <= 5; send++) await sender().send(messageTo(to))
    expect(await failure(sender().send(messageTo(to)))).toMatchObject({
      refusal: 'too_many_requests',
      details: { retryAfterSeconds: 600 },
    })
  })

  test.each([
    [20404, 404],
    [20429, 429],
    [60220, 403],
    [20500, 500],
  ])("takes Twilio's error %d (%d) as not the number's fault", async (code, status) => {
    twilio.refuse('+237670000004', code, status)
    expect(await failure(sender().send(messageTo('+237670000004')))).toBeInstanceOf(UnavailableError)
  })
})

describe('checking by Twilio Verify', () => {
  test('finds the right code right, once', async () => {
    const { reference, code } = await sent()
    expect(await sender().check(reference, code)).toBe(true)
    expect(await sender().check(reference, code)).toBe(false)
  })

  test('finds a wrong code wrong, and the right one still right', async () => {
    const { reference, code, wrong } = await sent()
    expect(await sender().check(reference, wrong)).toBe(false)
    expect(await sender().check(reference, code)).toBe(true)
  })

  test('finds nothing right once five tries were wrong', async () => {
    const { reference, code, wrong } = await sent()
    for (let wrongTry = 1; wrongTry <= 5; wrongTry++) expect(await sender().check(reference, wrong)).toBe(false)
    expect(await sender().check(reference, code)).toBe(false)
    expect(lastForm()).toEqual({ VerificationSid: reference, Code: code })
  })

  test('finds an expired code wrong', async () => {
    const { to, reference, code } = await sent()
    twilio.expire(to)
    expect(await sender().check(reference, code)).toBe(false)
  })

  test("finds a code wrong that another number's phone got", async () => {
    const [first, second] = [await sent(), await sent()]
    const code = first.code === second.code ? first.wrong : second.code
    expect(await sender().check(first.reference, code)).toBe(false)
  })

  test.each(['', '1', '12345678901', 'abcdef', '12 34'])('finds %j wrong, which no code can be', async (code) => {
    const { reference } = await sent()
    expect(await sender().check(reference, code)).toBe(false)
  })
})

describe('when Twilio Verify is in trouble', () => {
  test.each(['status 500', 'hang', 'hang midway', 'reset', 'cut midway', 'garbage', 'redirect'] as const)(
    'is unavailable on %s, for sending and for checking',
    async (fault) => {
      const { reference, code } = await sent()
      twilio.fault = fault
      const { send, check } = sender({ timeoutSeconds: 0.1 })
      expect(await failure(send(messageTo('+237670000005')))).toBeInstanceOf(UnavailableError)
      expect(await failure(check(reference, code))).toBeInstanceOf(UnavailableError)
    },
  )

  test('is unavailable with wrong credentials', async () => {
    const { reference, code } = await sent()
    const { send, check } = sender({ authToken: 'wrong' })
    expect(await failure(send(messageTo('+237670000006')))).toBeInstanceOf(UnavailableError)
    expect(await failure(check(reference, code))).toBeInstanceOf(UnavailableError)
  })

  test("is unavailable where the host isn't Twilio's, and doesn't call the code wrong", async () => {
    const { check } = sender({ fetch: async () => new Response('not found', { status: 404 }) })
    expect(await failure(check(`VE${'0'.repeat(32)}`, '123456'))).toBeInstanceOf(UnavailableError)
  })
})
