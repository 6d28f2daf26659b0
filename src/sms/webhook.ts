import { ProviderError } from '../errors.ts'
import type { CodeSender } from './code-sender.ts'
import { codeText } from './code-text.ts'
import { discardBody, type PostOptions, post, smsUnavailable } from './post.ts'
import { readWebhookSecret, signWebhook } from './sign-webhook.ts'
import { unreachableNumber } from './unreachable-number.ts'

export type WebhookOptions = PostOptions & {
  url: string
  /** Where the gateway asks for it. */
  authorization?: string | undefined
  /** Base64 of 24 to 64 bytes, with or without `whsec_`. */
  secret: string
}

/**
 * Hands messages to the operator's own gateway: a POST of `{to, text, code, purpose}` with Standard Webhooks headers, tried once.
 * Any 2xx takes the message; 422 says that the number can't receive messages.
 */
export function webhookSender({ url, authorization, secret, ...options }: WebhookOptions): CodeSender {
  const key = readWebhookSecret(secret)
  return {
    async send({ to, code, purpose, language, sentAt }) {
      const id = `msg_${crypto.randomUUID()}`
      const timestamp = Math.floor(sentAt / 1000)
      const body = JSON.stringify({ to, text: codeText({ code, purpose, language }), code, purpose })
      const headers = {
        'content-type': 'application/json',
        ...(authorization && { authorization }),
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': await signWebhook(key, { id, timestamp, body }),
      }
      const response = await post(url, { headers, body }, options)
      await discardBody(response)
      if (response.ok) return {}
      if (response.status === 422) throw unreachableNumber()
      throw smsUnavailable(new ProviderError(`the SMS webhook answered ${response.status}`))
    },
  }
}
