import { base64url } from 'oslo/encoding'
import { sha256 } from '../crypto/sha256.ts'

/** What the cookie carries: 256 random bits. The database knows only their hash. */
export const newSessionToken = (): string =>
  base64url.encode(crypto.getRandomValues(new Uint8Array(32)), { includePadding: false })

export const isSessionToken = (value: string): boolean => /^[\w-]{43}$/.test(value)

/** The session's id in the database. A token of 256 random bits needs no salt and no slow hash. */
export const hashSessionToken = sha256
