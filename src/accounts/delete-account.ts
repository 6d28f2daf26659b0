import { and, eq } from 'drizzle-orm'
import { recordEvent } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { forgetKnownNetworks } from '../limits/known-network.ts'
import { users } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import type { Session } from '../sessions/session.ts'
import { revokeGrantsOf } from '../vault/revoke-grant.ts'
import { confirmPassword } from './confirm-password.ts'

/** Removes everything that is the user's, in one transaction; the grants are then ended at their platforms. */
export async function deleteAccount(
  services: Services,
  { session, password }: { session: Session; password: string },
): Promise<void> {
  const { id, passwordHash } = await confirmPassword(services, { session, password })
  await services.db.transaction(async (tx) => {
    const locked = await tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, id), eq(users.passwordHash, passwordHash)))
      .for('update')
    if (locked.length === 0) throw new RefusedError('forbidden', 'wrong password', { fields: ['password'] })
    await revokeGrantsOf({ ...services, db: tx }, id)
    await endSessions({ ...services, db: tx }, { userId: id })
    await forgetKnownNetworks({ db: tx }, id)
    await tx.delete(users).where(eq(users.id, id))
    await recordEvent({ ...services, db: tx }, { event: 'account_deletion', userId: id })
  })
  services.wakeJobs()
}
