import type { CodeSender } from './code-sender.ts'
import { consoleSender } from './console.ts'
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
