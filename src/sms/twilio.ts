import * as z from 'zod'
import { ProviderError, type UnavailableError } from '../errors.ts'
import type { CodeSender } from './code-sender.ts'
import { unreachableNumber } from './code-sender.ts'
import { codeText } from './code-text.ts'
import { type PostOptions, post, smsUnavailable } from './post.ts'

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

export type TwilioAccount = PostOptions & {
  accountSid: string
  authToken: string
  /** One host in place of all of Twilio's, for emulators and tests. */
  baseUrl?: string | undefined
}

/** What was made, or why not, as Twilio counts its errors: https://www.twilio.com/docs/api/errors */
export type TwilioAnswer = { sid: string; status: string } | { errorCode: number; httpStatus: number }

const resource = z.object({ sid: z.string().min(1), status: z.string() })
const refusal = z.object({ code: z.int().positive().max(99_999) })

/** POSTs a form with the account's credentials. An answer that is missing, a 5xx or not Twilio's is an `UnavailableError`. */
export async function postToTwilio(
  { accountSid, authToken, ...options }: Omit<TwilioAccount, 'baseUrl'>,
  url: string,
  form: Record<string, string>,
): Promise<TwilioAnswer> {
  const headers = { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` }
  const response = await post(url, { headers, body: new URLSearchParams(form) }, options)
  try {
    const body: unknown = await response.json()
    if (response.ok) return resource.parse(body)
    return { errorCode: refusal.parse(body).code, httpStatus: response.status }
  } catch {
    // What was read instead stands in the parsers' messages.
    throw smsUnavailable(new ProviderError(`not Twilio's answer, with status ${response.status}`))
  }
}

/** Names Twilio's code only: its messages repeat phone numbers, which don't belong in logs. */
export function twilioUnavailable({
  errorCode,
  httpStatus,
}: {
  errorCode: number
  httpStatus: number
}): UnavailableError {
  return smsUnavailable(new ProviderError(`Twilio answered ${httpStatus}, error ${errorCode}`))
}

export function twilioUrl(baseUrl: string, ...segments: string[]): string {
  return [baseUrl.replace(/\/+$/, ''), ...segments.map(encodeURIComponent)].join('/')
}
