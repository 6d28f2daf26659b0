import { HMAC } from 'oslo/crypto'
import { base64 } from 'oslo/encoding'

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
