import { and, eq } from 'drizzle-orm'
import { codeWaits, users } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import { clearPasswordTries } from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import { closeSessionsOfUser } from '../sessions/close-session.ts'
import { revokeGrantsOf } from '../vault/revoke-grant.ts'
import { confirmPassword } from './confirm-password.ts'

/** Removes everything that is the user's, in one transaction; the grants are then ended at their platforms. */
export async function deleteAccount(
  services: Services,
  { userId, password }: { userId: string; password: string },
): Promise<void> {
  const { id, passwordHash, phoneNumberIndex } = await confirmPassword(services, { userId, password })
  await services.db.transaction(async (tx) => {
    const locked = await tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, id), eq(users.passwordHash, passwordHash)))
      .for('update')
    if (locked.length === 0) throw new RefusedError('forbidden', 'wrong password', { fields: ['password'] })
    await revokeGrantsOf({ db: tx }, id)
    await closeSessionsOfUser({ db: tx }, id)
    await clearPasswordTries({ db: tx }, phoneNumberIndex)
    await tx.delete(codeWaits).where(eq(codeWaits.phoneNumberIndex, phoneNumberIndex))
    await tx.delete(users).where(eq(users.id, id))
  })
  services.wakeJobs()
}
