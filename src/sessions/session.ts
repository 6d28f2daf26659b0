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
