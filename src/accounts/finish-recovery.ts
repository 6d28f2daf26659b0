import { eq } from 'drizzle-orm'
import { recordEvent } from '../audit/record-event.ts'
import { users } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import { forgetKnownNetworks } from '../limits/known-network.ts'
import type { Services } from '../services.ts'
import { closeSession, closeSessionsOfUser } from '../sessions/close-session.ts'
import type { Session } from '../sessions/session.ts'
import { revokeGrantsOf } from '../vault/revoke-grant.ts'
import { checkNewPassword } from './check-new-password.ts'

/**
 * Sets the password of the account whose own number this session proved, and of no other. Whoever has the phone may not be who saved the
 * grants, so every session and every grant ends.
 */
export async function finishRecovery(
  services: Services,
  { session, newPassword }: { session: Session; newPassword: string },
): Promise<void> {
  if (session.purpose !== 'recovery' || !session.verified)
    throw new RefusedError('forbidden', 'the phone number is not proved yet')
  await checkNewPassword(services, newPassword, 'new_password')
  const passwordHash = await services.passwords.hash(newPassword)
  await services.db.transaction(async (tx) => {
    const [user] = await tx
      .update(users)
      .set({ passwordHash })
      .where(eq(users.id, session.user?.id ?? session.userId))
      .returning({ id: users.id })
    if (!user) throw new RefusedError('unauthorized', 'the account is gone')
    if (!(await closeSession({ db: tx }, session.idHash))) throw new RefusedError('unauthorized', 'the session is over')
    await closeSessionsOfUser({ db: tx }, user.id)
    await revokeGrantsOf({ ...services, db: tx }, user.id)
    await forgetKnownNetworks({ db: tx }, user.id)
    await recordEvent({ ...services, db: tx }, { event: 'recovery', userId: user.id })
  })
  services.wakeJobs()
}
