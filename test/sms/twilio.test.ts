import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import type { CodeMessage } from '../../src/sms/code-sender.ts'
import type { Fetch } from '../../src/sms/post.ts'
import { type TwilioOptions, twilioSender } from '../../src/sms/twilio.ts'
import { type TwilioServer, twilioServer } from '../support/twilio-server.ts'

let twilio: TwilioServer
beforeAll(async () => {
  twilio = await twilioServer()
})
beforeEach(() => {
  twilio.fault = undefined
})
afterAll(() => twilio.close())

const sender = (options: Partial<TwilioOptions> = {}) =>
  twilioSender({ ...twilio.account, baseUrl: twilio.url, ...options })
const messageTo = (to: string): CodeMessage => ({ to, code: '123456', purpose: 'signup', language: 'es', sentAt: 0 })
const failure = (sending: Promise<unknown>) =>
  sending.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('sending by Twilio', () => {
  test('sends our own code from the number', async () => {
    expect(await sender().send(messageTo('+237650000001'))).toEqual({})
    expect(twilio.messages.at(-1)).toMatchObject({
      to: '+237650000001',
      from: twilio.account.from,
      body: expect.stringMatching(/^123456 es tu clave/),
    })
  })

  test('sends through a messaging service', async () => {
    await sender({ from: twilio.account.messagingServiceSid }).send(messageTo('+237650000002'))
    const form = new URLSearchParams(twilio.received.at(-1)?.body)
    expect(form.get('MessagingServiceSid')).toBe(twilio.account.messagingServiceSid)
    expect(form.has('From')).toBe(false)
    expect(twilio.messages.at(-1)?.to).toBe('+237650000002')
  })

  test('takes a name that begins with MG for a name', async () => {
    await failure(sender({ from: 'MGateway' }).send(messageTo('+237650000002')))
    expect(new URLSearchParams(twilio.received.at(-1)?.body).get('From')).toBe('MGateway')
  })

  test('calls api.twilio.com unless told otherwise', async () => {
    const { pathname, fetch } = detour()
    const { accountSid, authToken, from } = twilio.account
    await twilioSender({ accountSid, authToken, from, fetch }).send(messageTo('+237650000003'))
    expect(pathname()).toBe(`https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`)
    expect(twilio.messages.at(-1)?.to).toBe('+237650000003')
  })

  test.each(['+15005550001', '+15005550002', '+15005550003', '+15005550004', '+15005550009', '12'])(
    "says that a number which Twilio can't reach can't receive messages: %s",
    async (to) => {
      expect(await failure(sender().send(messageTo(to)))).toMatchObject({
        name: 'RefusedError',
        refusal: 'bad_request',
        message: 'the number cannot receive messages',
      })
    },
  )

  test.each([21211, 21214, 21217, 21265, 21266, 21408, 21610, 21612, 21614, 21635])(
    "takes Twilio's error %d as the number's fault",
    async (code) => {
      twilio.refuse('+237650000004', code)
      expect(await failure(sender().send(messageTo('+237650000004')))).toMatchObject({ refusal: 'bad_request' })
    },
  )

  test.each([
    [20429, 429],
    [21606, 400],
    [21608, 400],
    [30001, 400],
    [20003, 403],
    [20500, 500],
    [21211, 502],
    [20503, 503],
  ])("takes Twilio's error %d (%d) as not the number's fault", async (code, status) => {
    twilio.refuse('+237650000005', code, status)
    expect(await failure(sender().send(messageTo('+237650000005')))).toBeInstanceOf(UnavailableError)
  })

  test('is unavailable with wrong credentials, and keeps the number out of the cause', async () => {
    const error = await failure(sender({ authToken: 'wrong' }).send(messageTo('+237650000006')))
    expect(error).toBeInstanceOf(UnavailableError)
    expect((error as UnavailableError).cause).toMatchObject({
      name: 'ProviderError',
      message: 'Twilio answered 401, error 20003',
    })
  })

  test.each(['status 500', 'hang', 'hang midway', 'reset', 'cut midway', 'garbage', 'redirect'] as const)(
    'is unavailable on %s, and tries once',
    async (fault) => {
      twilio.fault = fault
      const tries = twilio.received.length
      expect(await failure(sender({ timeoutSeconds: 0.1 }).send(messageTo('+237650000007')))).toBeInstanceOf(
        UnavailableError,
      )
      expect(twilio.received.length).toBe(tries + 1)
    },
  )
})

/** Notes the address that was meant and leads to the stand-in. */
function detour() {
  let meant = ''
  const fetch: Fetch = (url, init) => {
    meant = url
    return globalThis.fetch(twilio.url + new URL(url).pathname, init)
  }
  return { fetch, pathname: () => meant }
}
