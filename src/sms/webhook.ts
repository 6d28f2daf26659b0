import { HMAC } from 'oslo/crypto'
import { base64 } from 'oslo/encoding'
import { ProviderError } from '../errors.ts'
import type { CodeSender } from './code-sender.ts'
import { unreachableNumber } from './code-sender.ts'
import { codeText } from './code-text.ts'
import { discardBody, type PostOptions, post, smsUnavailable } from './post.ts'

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

/** Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (symmetric signatures, v1). */
export async function signWebhook(
  key: Uint8Array,
  /** `timestamp`: whole seconds since the epoch. `body`: exactly as it is sent. */
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): Promise<string> {
  const signature = await new HMAC('SHA-256').sign(key, new TextEncoder().encode(`${id}.${timestamp}.${body}`))
  return `v1,${base64.encode(new Uint8Array(signature))}`
}

/** The key in a webhook secret: base64 of 24 to 64 bytes, with or without `whsec_` before it. Throws a `TypeError` for anything else. */
export function readWebhookSecret(secret: string): Uint8Array {
  const key = decode(secret.replace(/^whsec_/, ''))
  if (!key || key.length < 24 || key.length > 64)
    throw new TypeError('a webhook secret is the base64 of 24 to 64 bytes, with or without "whsec_" before it')
  return key
}

function decode(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text, { strict: false })
  } catch {
    return undefined
  }
}
