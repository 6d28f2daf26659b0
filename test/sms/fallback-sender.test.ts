import { expect, test } from 'vitest'
import { fallbackSender } from '../../src/sms/open-sender.ts'
import { twilioVerifySender } from '../../src/sms/twilio-verify.ts'

// How it sends is seen in test/otp/sms-fallback.test.ts.
test('two senders that check codes do not go together: a reference would be of either', () => {
  const verify = twilioVerifySender({ accountSid: 'AC1', authToken: 'token', serviceSid: 'VA1' })
  expect(() => fallbackSender(verify, verify, () => undefined)).toThrow(TypeError)
})
