import { base64url } from 'oslo/encoding'
import { sha256 } from '../crypto/sha256.ts'

/** What the cookie carries: 256 random bits. The database knows only their hash. */
export const newSessionToken = (): string =>
  base64url.encode(crypto.getRandomValues(new Uint8Array(32)), { includePadding: false })

export const isSessionToken = (value: string): boolean => /^[\w-]{43}$/.test(value)

/** Enough for a token that can't be guessed; also for a User-Agent, which is no secret. */
export const fingerprint = sha256
