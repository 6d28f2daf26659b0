import { sha256 } from 'oslo/crypto'
import { base64url } from 'oslo/encoding'

/** What the cookie carries: 256 random bits. The database knows only their hash. */
export const newSessionToken = (): string =>
  base64url.encode(crypto.getRandomValues(new Uint8Array(32)), { includePadding: false })

export const isSessionToken = (value: string): boolean => /^[\w-]{43}$/.test(value)

/** SHA-256 in base64url: enough for a token that can't be guessed; also for a User-Agent, which is no secret. */
export async function fingerprint(value: string): Promise<string> {
  return base64url.encode(new Uint8Array(await sha256(new TextEncoder().encode(value))), { includePadding: false })
}
