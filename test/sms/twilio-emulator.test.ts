import { createEmulator, type Emulator } from 'emulate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import type { CodeMessage } from '../../src/sms/code-sender.ts'
import { openSender } from '../../src/sms/open-sender.ts'

// A second opinion on the protocol, from people who didn't write our stand-in. It knows neither Twilio's refusals nor its limits.
const accountSid = `AC${'0'.repeat(32)}`
const authToken = 'token'
const from = '+15551234567'
const messagingServiceSid = `MG${'1'.repeat(32)}`
const serviceSid = `VA${'1'.repeat(32)}`
const message: CodeMessage = { to: '+237650000000', code: '123456', purpose: 'signup', language: 'en', sentAt: 0 }

let emulator: Emulator
beforeAll(async () => {
  emulator = await createEmulator({
    service: 'twilio',
    port: 0,
    seed: {
      twilio: {
        account: { sid: accountSid, auth_token: authToken },
        phone_numbers: [{ phone_number: from }],
        messaging_services: [{ sid: messagingServiceSid, friendly_name: 'codes', phone_numbers: [from] }],
        verify_services: [{ sid: serviceSid, friendly_name: 'codes', code: '424242' }],
      },
    },
  })
})
afterAll(() => emulator.close())

test.each([from, messagingServiceSid])('sends from %s', async (sender) => {
  const { send } = openSender({ provider: 'twilio', accountSid, authToken, from: sender, baseUrl: emulator.url })
  expect(await send(message)).toEqual({})
  const sent = await fetch(`${emulator.url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
    headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
  }).then((response) => response.json())
  expect(sent.messages[0]).toMatchObject({ to: message.to, body: expect.stringContaining('123456') })
})

test('verifies a code', async () => {
  const baseUrl = `${emulator.url}/verify`
  const { send, check } = openSender({ provider: 'twilio-verify', accountSid, authToken, serviceSid, baseUrl })
  const { reference = '' } = await send(message)
  expect(await check?.(reference, '000000')).toBe(false)
  expect(await check?.(reference, '424242')).toBe(true)
  expect(await check?.(`VE${'9'.repeat(32)}`, '424242')).toBe(false)
})

test('is unavailable with wrong credentials', async () => {
  const { send } = openSender({ provider: 'twilio', accountSid, authToken: 'wrong', from, baseUrl: emulator.url })
  await expect(send(message)).rejects.toBeInstanceOf(UnavailableError)
})
