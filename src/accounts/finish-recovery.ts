import { and, eq, sql } from 'drizzle-orm'
import { recordEvent } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { returnPasswordTries } from '../limits/claim-password-try.ts'
import { forgetKnownNetworks } from '../limits/networks.ts'
import { inTransaction } from '../postgres/database.ts'
import { sessions, users } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { closeSession, endSessions } from '../sessions/end-sessions.ts'
import type { Session } from '../sessions/session.ts'
import { revokeGrantsOf } from '../vault/revoke-grant.ts'
import { checkNewPassword } from './check-new-password.ts'
import { subjectOfUserId } from './password-subject.ts'

/**
 * Sets the password of the account whose own number this session proved, and of no other. Whoever has the phone may not be who saved the
 * grants, so every session and every grant ends.
 */
export async function finishRecovery(
  services: Services,
  { session, newPassword }: { session: Session; newPassword: string },
): Promise<void> {
  if (session.purpose !== 'recovery' || !session.verified)
    throw new RefusedError('forbidden', 'the phone number is not verified yet')
  await checkNewPassword(services, newPassword, 'new_password')
  const account = session.user
  if (!account) throw new RefusedError('unauthorized', 'the account no longer exists')
  const passwordHash = await services.passwords.hash(newPassword)
  await inTransaction(services, async (within) => {
    const { db } = within
    const epoch = db
      .select({ epoch: sql`coalesce(${sessions.epoch}, 0)` })
      .from(sessions)
      .where(eq(sessions.idHash, session.idHash))
    const [user] = await db
      .update(users)
      .set({ passwordHash })
      .where(and(eq(users.id, account.id), eq(users.sessionEpoch, epoch)))
      .returning()
    if (!user || !(await closeSession(within, session.idHash)))
      throw new RefusedError('unauthorized', 'the session has ended')
    await endSessions(within, { userId: user.id })
    await revokeGrantsOf(within, user.id)
    await forgetKnownNetworks(within, user.id)
    await returnPasswordTries(within, await subjectOfUserId(within, user.id, user))
    await recordEvent(within, { event: 'recovery', userId: user.id })
  })
  services.wakeJobs()
}
