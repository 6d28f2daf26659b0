import { UnavailableError } from '../errors.ts'
import type { CodeSender } from './code-sender.ts'
import { codeText } from './code-text.ts'
import { type TwilioOptions, twilioSender } from './twilio.ts'
import { type TwilioVerifyOptions, twilioVerifySender } from './twilio-verify.ts'
import { type WebhookOptions, webhookSender } from './webhook.ts'

export type SmsConfig =
  | { provider: 'console'; write: (line: string) => void }
  | ({ provider: 'webhook' } & WebhookOptions)
  | ({ provider: 'twilio' } & TwilioOptions)
  | ({ provider: 'twilio-verify' } & TwilioVerifyOptions)

/** Sends nothing yet. Throws a `TypeError` for a webhook secret that isn't one. */
export function openSender(config: SmsConfig): CodeSender {
  switch (config.provider) {
    case 'console':
      return consoleSender(config.write)
    case 'webhook':
      return webhookSender(config)
    case 'twilio':
      return twilioSender(config)
    case 'twilio-verify':
      return twilioVerifySender(config)
  }
}

/** Writes each message as one line instead of sending it. Development only: whoever reads the output has the codes. */
export function consoleSender(write: (line: string) => void): CodeSender {
  return {
    async send({ to, ...message }) {
      write(`SMS to ${to}: ${codeText(message)}`)
      return {}
    },
  }
}

/**
 * Sends by the first provider and, when that is unavailable, at once by the second. A number that can't receive messages isn't tried elsewhere.
 * One of them at most may check codes itself (else a `TypeError`): whatever has a reference is then its own.
 */
export function fallbackSender(
  first: CodeSender,
  second: CodeSender,
  onFailure: (error: UnavailableError) => void,
): CodeSender {
  if (first.check && second.check) throw new TypeError('two senders that check codes: whose is a reference?')
  const { check, decoyReference } = first.check ? first : second
  return {
    async send(message) {
      try {
        return await first.send(message)
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error
        onFailure(error)
        return second.send(message)
      }
    },
    ...(check && { check }),
    ...(decoyReference && {
      decoyReference: (wasLastChecked = first.check !== undefined) => (wasLastChecked ? decoyReference() : undefined),
    }),
  }
}
