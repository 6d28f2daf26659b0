import { and, eq, inArray } from 'drizzle-orm'
import { recordEvent } from '../audit/record-event.ts'
import { lockHashes } from '../db/lock-hashes.ts'
import { grants, pendingAuthorizations, revocations, users } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import type { Grant, Platform } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import { accountIndexesOf, sealGrant } from './grant-row.ts'

type NewGrant = { userId: string; platform: Platform; grant: Grant; pendingId: string }

/**
 * Keeps a platform's grant for its owner, and spends the pending authorization it came from. One platform account belongs to one user.
 * A grant that can't be kept is ended at the platform where that harms no other.
 */
export async function saveGrant(services: Services, { userId, platform, grant, pendingId }: NewGrant): Promise<void> {
  const { db } = services
  const id = crypto.randomUUID()
  const row = { id, userId, platform: platform.name, protocol: platform.protocol }
  const grantSealed = await sealGrant(services, row, grant)
  const accountIndexes = await accountIndexesOf(services, platform.name, grant)

  const refused = await db.transaction(async (tx) => {
    // The user first, as everything that ends a user does: the other order could deadlock.
    await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('key share')
    const spent = await tx
      .delete(pendingAuthorizations)
      .where(eq(pendingAuthorizations.id, pendingId))
      .returning({ id: pendingAuthorizations.id })
    // The row goes with its session: who signed out, or lost the account to its owner, saves nothing more.
    if (spent.length === 0) return new RefusedError('forbidden', 'the connection was ended meanwhile')
    const conflict = new RefusedError('conflict', `${platform.name} is already saved`)
    await lockHashes(tx, accountIndexes)
    const [accountIndex = ''] = accountIndexes
    const known = await tx
      .select({ id: grants.id })
      .from(grants)
      .where(and(eq(grants.platform, platform.name), inArray(grants.accountIndex, accountIndexes)))
    if (known.length > 0) return conflict
    const saved = await tx
      .insert(grants)
      .values({ ...row, accountIndex, grantSealed })
      .onConflictDoNothing()
      .returning({ id: grants.id })
    if (saved.length === 0) return conflict
    await recordEvent({ ...services, db: tx }, { event: 'grant_save', userId, about: platform.name })
    return undefined
  })
  if (!refused) return
  if (platform.separateGrants) {
    await db.insert(revocations).values({ ...row, grantSealed, requestId: services.request?.id })
    services.wakeJobs()
  }
  throw refused
}
