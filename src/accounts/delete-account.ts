import { and, eq } from 'drizzle-orm'
import { recordEvent } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { forgetKnownNetworks } from '../limits/networks.ts'
import { inTransaction } from '../postgres/database.ts'
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
  await inTransaction(services, async (within) => {
    const locked = await within.db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, id), eq(users.passwordHash, passwordHash)))
      .for('update')
    if (locked.length === 0) throw new RefusedError('forbidden', 'wrong password', { fields: ['password'] })
    await revokeGrantsOf(within, id)
    await endSessions(within, { userId: id })
    await forgetKnownNetworks(within, id)
    await within.db.delete(users).where(eq(users.id, id))
    await recordEvent(within, { event: 'account_deletion', userId: id })
  })
  services.wakeJobs()
}
