import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import type { CodeMessage } from '../../src/sms/code-sender.ts'
import { openSender } from '../../src/sms/open-sender.ts'
import { readWebhookSecret, signWebhook } from '../../src/sms/webhook.ts'
import { isSigned, type SmsWebhookServer, smsWebhookServer } from '../support/sms-webhook-server.ts'

/** Published with the specification's libraries. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const message: CodeMessage = {
  to: '+237650000000',
  code: '123456',
  purpose: 'recovery',
  language: 'fr',
  sentAt: Date.now(),
}

let gateway: SmsWebhookServer
beforeAll(async () => {
  gateway = await smsWebhookServer()
})
beforeEach(() => {
  gateway.fault = undefined
  gateway.status = 204
})
afterAll(() => gateway.close())

const sender = (options: { secret?: string; timeoutSeconds?: number } = {}) =>
  openSender({ provider: 'webhook', url: `${gateway.url}/sms`, secret: gateway.secret, ...options })

describe('the signature', () => {
  test('is the published one for the published message', async () => {
    const { id, timestamp, body } = vector
    expect(await signWebhook(readWebhookSecret(vector.secret), { id, timestamp, body })).toBe(vector.signature)
  })

  test('takes a secret with or without its prefix', async () => {
    expect(readWebhookSecret('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual(readWebhookSecret(vector.secret))
    expect(readWebhookSecret(btoa('k'.repeat(32))).length).toBe(32)
  })

  test.each(['', 'whsec_', 'not base64 at all !!!', btoa('too short'), btoa('k'.repeat(65))])(
    'refuses %j as a secret',
    (secret) => {
      expect(() => sender({ secret })).toThrow(TypeError)
    },
  )
})

describe('the gateway of the tests', () => {
  const { id, timestamp, body, signature, secret } = vector
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature }

  test('accepts the published message, in its time, also among other signatures', () => {
    expect(isSigned({ headers, body }, secret, timestamp)).toBe(true)
    expect(isSigned({ headers, body }, secret, timestamp + 301)).toBe(false)
    expect(
      isSigned({ headers: { ...headers, 'webhook-signature': `v1a,x v1,AAAA ${signature}` }, body }, secret, timestamp),
    ).toBe(true)
  })

  test('refuses any other body, id, time or key', () => {
    expect(isSigned({ headers, body: `${body} ` }, secret, timestamp)).toBe(false)
    expect(isSigned({ headers: { ...headers, 'webhook-id': 'msg_2' }, body }, secret, timestamp)).toBe(false)
    expect(isSigned({ headers: { ...headers, 'webhook-timestamp': '1614265331' }, body }, secret, timestamp)).toBe(
      false,
    )
    expect(isSigned({ headers, body }, btoa('k'.repeat(24)), timestamp)).toBe(false)
  })
})

describe('sending', () => {
  test('hands the gateway a signed message', async () => {
    expect(await sender().send(message)).toEqual({})
    const { id, ...sms } = gateway.messages.at(-1) ?? {}
    expect(sms).toEqual({
      to: message.to,
      code: '123456',
      purpose: 'recovery',
      text: expect.stringMatching(/^123456 est votre code/),
    })
    expect(id).toMatch(/^msg_/)
    expect(gateway.codeFor(message.to)).toBe('123456')
    expect(gateway.received.at(-1)).toMatchObject({
      method: 'POST',
      path: '/sms',
      headers: { 'content-type': 'application/json' },
    })
  })

  test('gives every message an id of its own', async () => {
    await sender().send(message)
    await sender().send(message)
    expect(gateway.messages.at(-1)?.id).not.toBe(gateway.messages.at(-2)?.id)
  })

  test('is told that the number cannot receive messages', async () => {
    gateway.status = 422
    const refusal = await sender()
      .send(message)
      .catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(RefusedError)
    expect(refusal).toMatchObject({ refusal: 'bad_request', message: 'the number cannot receive messages' })
  })

  test.each([400, 401, 403, 404, 409, 429, 500, 503])(
    'finds the gateway unavailable when it answers %d, and tries once',
    async (status) => {
      gateway.status = status
      const tries = gateway.received.length
      await expect(sender().send(message)).rejects.toBeInstanceOf(UnavailableError)
      expect(gateway.received.length).toBe(tries + 1)
    },
  )

  test('is refused with another secret', async () => {
    await expect(sender({ secret: btoa('k'.repeat(24)) }).send(message)).rejects.toBeInstanceOf(UnavailableError)
  })

  test.each(['status 500', 'hang', 'reset', 'redirect'] as const)(
    'finds the gateway unavailable on %s',
    async (fault) => {
      gateway.fault = fault
      const paths = gateway.received.length
      await expect(sender({ timeoutSeconds: 0.1 }).send(message)).rejects.toBeInstanceOf(UnavailableError)
      expect(gateway.received.slice(paths).map(({ path }) => path)).toEqual(['/sms'])
    },
  )

  test.each(['garbage', 'hang midway', 'cut midway'] as const)(
    'needs no more than the status to know that it is taken: %s',
    async (fault) => {
      gateway.fault = fault
      expect(await sender({ timeoutSeconds: 0.1 }).send(message)).toEqual({})
    },
  )

  test('finds a gateway that is not there unavailable, with the cause kept', async () => {
    const gone = await smsWebhookServer()
    await gone.close()
    const unavailable = await openSender({ provider: 'webhook', url: gone.url, secret: gone.secret })
      .send(message)
      .catch((error: unknown) => error)
    expect(unavailable).toBeInstanceOf(UnavailableError)
    expect((unavailable as UnavailableError).cause).toBeInstanceOf(Error)
  })
})
