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
import { checkNewPassword } from './check-new-password.ts'
import { confirmPassword } from './confirm-password.ts'

type Change = { session: Session; password: string; newPassword: string }

/** Sets a new password for who knows the old one, and ends the user's other sessions. */
export async function changePassword(services: Services, { session, password, newPassword }: Change): Promise<void> {
  const { passwords, settings } = services
  const user = await confirmPassword(services, { session, password })
  await checkNewPassword(services, newPassword, 'new_password')
  const passwordHash = await passwords.hash(newPassword)
  await inTransaction(services, async (within) => {
    const changed = await within.db
      .update(users)
      .set({ passwordHash })
      .where(and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash)))
      .returning({ id: users.id })
    if (changed.length === 0) throw new RefusedError('forbidden', 'wrong password', { fields: ['password'] })
    await endSessions(within, { userId: user.id, except: session.idHash })
    // Whoever knew the old password may have made a network known.
    await forgetKnownNetworks(within, user.id)
    if (settings.passwordChangePurgesGrants) await revokeGrantsOf(within, user.id)
    await recordEvent(within, { event: 'password_change', userId: user.id })
  })
  if (settings.passwordChangePurgesGrants) services.wakeJobs()
}
