import { sql } from 'drizzle-orm'
import { base64url } from 'oslo/encoding'
import { sha256 } from '../crypto/sha256.ts'

/** What a session may be used for: proving a new number, proving a lost account's number, or being signed in. */
export type SessionPurpose = 'signup' | 'recovery' | 'login'

export type Session = {
  idHash: string
  userId: string
  purpose: SessionPurpose
  /** Of the number that a sign-up or recovery is about; null for a login. */
  phoneNumberIndex: string | null
  /** Its number was proved by a code. */
  verified: boolean
  /** A captcha was solved to begin it. */
  solvedCaptcha: boolean
  /** It was used long enough after the last renewal to be renewed now: the cookie must be set anew. */
  renewed: boolean
  /** Null until a sign-up is finished, and for the decoy of a hidden account. */
  user: { id: string; createdAt: Date; previousLoginAt: Date | null; platforms: readonly string[] } | null
}

/** What the cookie carries: 256 random bits. The database knows only their hash. */
export const newSessionToken = (): string =>
  base64url.encode(crypto.getRandomValues(new Uint8Array(32)), { includePadding: false })

export const isSessionToken = (value: string): boolean => /^[\w-]{43}$/.test(value)

/** The session's id in the database. A token of 256 random bits needs no salt and no slow hash. */
export const hashSessionToken = sha256

/** Joins `sessions` with the user whom each is about, as long as that user's sessions of its epoch aren't ended. */
export const joinUser = sql`
  left join users on users.id = coalesce(sessions.account_id, sessions.user_id)
    and users.session_epoch = coalesce(sessions.epoch, 0)`
