import { RefusedError } from '../errors.ts'
import type { CodeSender } from './code-sender.ts'
import { unreachableNumber } from './code-sender.ts'
import { postToTwilio, type TwilioAccount, twilioUnavailable, twilioUrl } from './twilio.ts'

export type TwilioVerifyOptions = TwilioAccount & {
  /** `VA…` */
  serviceSid: string
}

/**
 * Twilio Verify makes, words, sends and checks the codes. While a verification of a number is pending (10 minutes), a further send
 * repeats its code under the same reference. Sources: https://www.twilio.com/docs/verify/api/verification and …/verification-check
 */
export function twilioVerifySender({
  serviceSid,
  baseUrl = 'https://verify.twilio.com',
  ...account
}: TwilioVerifyOptions): Required<CodeSender> {
  const service = twilioUrl(baseUrl, 'v2', 'Services', serviceSid)
  return {
    async send({ to, language }) {
      // Persian is none of Verify's languages, and one that it doesn't know is a 404: left out, it takes the country's, or English.
      const locale: Record<string, string> = language === 'fa' ? {} : { Locale: language }
      const answer = await postToTwilio(account, `${service}/Verifications`, { To: to, Channel: 'sms', ...locale })
      if (!('errorCode' in answer)) return { reference: answer.sid }
      if (answer.errorCode === maxSendsReached)
        throw new RefusedError('too_many_requests', 'too many codes for this number', { retryAfterSeconds: 600 })
      if (unreachableCodes.has(answer.errorCode)) throw unreachableNumber()
      throw twilioUnavailable(answer)
    },

    async check(reference, code) {
      const answer = await postToTwilio(account, `${service}/VerificationCheck`, {
        VerificationSid: reference,
        Code: code,
      })
      if (!('errorCode' in answer)) return answer.status === 'approved'
      if (failedCheckCodes.has(answer.errorCode)) return false
      throw twilioUnavailable(answer)
    },

    decoyReference: () =>
      `VE${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  }
}

const maxSendsReached = 60203

const failedCheckCodes = new Set([
  20404, // expired, used, or out of tries
  60200, // not 4 to 10 digits
  60202, // out of tries
])

const unreachableCodes = new Set([
  21211, // not a phone number
  21214, // can't be reached
  21217, // seems not to be valid
  21408, // a region that the account doesn't send to
  21610, // answered STOP
  21614, // not a mobile number
  60200, // `To` isn't E.164; the other parameters are ours
  60205, // a landline
  60238, // a country that Twilio doesn't serve
  60410, // blocked for fraud from its prefix
  60605, // a country that the service doesn't send to
])
