import { sql } from 'drizzle-orm'
import { sha256 } from '../crypto/sha256.ts'
import { sessions } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { hashSessionToken, newSessionToken } from './session.ts'

type NewSignup = { userId: string; phoneNumberIndex: string; userAgent: string }

/** Opens a pending sign-up's session; the answer is its token. */
export async function openSignupSession(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  { userId, phoneNumberIndex, userAgent }: NewSignup,
): Promise<string> {
  const token = newSessionToken()
  await db.insert(sessions).values({
    idHash: hashSessionToken(token),
    userId,
    purpose: 'signup',
    userAgentHash: sha256(userAgent),
    phoneNumberIndex,
    expiresAt: sql`now() + make_interval(secs => ${settings.sessions.maxAge})`,
    epoch: 0,
  })
  return token
}
