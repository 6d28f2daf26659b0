import type { CodeSender } from './code-sender.ts'
import { codeText } from './code-text.ts'
import { postToTwilio, type TwilioAccount, twilioUnavailable, twilioUrl } from './post-to-twilio.ts'
import { unreachableNumber } from './unreachable-number.ts'

export type TwilioOptions = TwilioAccount & {
  /** A number or name of the account, or the SID (`MG…`) of a messaging service. */
  from: string
}

/** Sends our own codes by Twilio Programmable Messaging. Source: https://www.twilio.com/docs/messaging/api/message-resource */
export function twilioSender({ from, baseUrl = 'https://api.twilio.com', ...account }: TwilioOptions): CodeSender {
  const url = twilioUrl(baseUrl, '2010-04-01', 'Accounts', account.accountSid, 'Messages.json')
  return {
    async send({ to, ...message }) {
      const answer = await postToTwilio(account, url, {
        To: to,
        [messagingService.test(from) ? 'MessagingServiceSid' : 'From']: from,
        Body: codeText(message),
      })
      if (!('errorCode' in answer)) return {}
      if (unreachableCodes.has(answer.errorCode)) throw unreachableNumber()
      throw twilioUnavailable(answer)
    },
  }
}

const messagingService = /^MG[0-9a-f]{32}$/i

const unreachableCodes = new Set([
  21211, // not a phone number
  21214, // can't be reached
  21217, // seems not to be valid
  21265, // a short code
  21266, // the sender itself
  21408, // a region that the account doesn't send to
  21610, // answered STOP
  21612, // no route from this sender
  21614, // not a mobile number
  21635, // a landline
])
