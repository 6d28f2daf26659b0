import { sql } from 'drizzle-orm'
import { sessions } from '../db/schema.ts'
import type { Services } from '../services.ts'
import type { SessionPurpose } from './session.ts'
import { fingerprint, newSessionToken } from './session-token.ts'

type NewSession = {
  userId: string
  /** Where `userId` is shown instead of it. */
  accountId?: string | undefined
  purpose: Exclude<SessionPurpose, 'login'>
  phoneNumberIndex: string
  userAgent: string
}

/** Opens a sign-up's or a recovery's session; the answer is its token. */
export async function openSession(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  session: NewSession,
): Promise<string> {
  const token = newSessionToken()
  await db.insert(sessions).values({
    idHash: fingerprint(token),
    userId: session.userId,
    accountId: session.accountId ?? null,
    purpose: session.purpose,
    userAgentHash: fingerprint(session.userAgent),
    phoneNumberIndex: session.phoneNumberIndex,
    expiresAt: sql`now() + make_interval(secs => ${settings.sessions.maxAge})`,
  })
  return token
}
