import { eq, sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Exchanged, Platform } from '../platforms/platform.ts'
import { pendingAuthorizations, revocations } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { accountIndexesOf, sealGrant } from './grant-row.ts'
import { exchangedStep, type HeldPending } from './hold-pending.ts'

/** Seconds between tries while the database is away. */
const waits = [1, 2, 5, 10, 20, 40, 60, 60]

type Kept = { held: HeldPending; platform: Platform; exchanged: Exchanged }

/**
 * Keeps what a platform has given for a code, before anything else is asked of it: the code is spent. From here on a request that fails, or a
 * process that dies, leaves a connection that can be finished, or is ended at the platform. The answer is when, by the database's clock. A
 * database that is away is tried again after the answer.
 */
export async function keepExchanged(services: Services, kept: Kept): Promise<string> {
  try {
    return await store(services, kept)
  } catch (error) {
    if (!(error instanceof RefusedError)) services.background(() => storeLater(services, kept), services.request?.id)
    throw error
  }
}

async function store(services: Services, { held, platform, exchanged }: Kept): Promise<string> {
  const { db, settings } = services
  const [accountIndex = null] = await accountIndexesOf(services, platform.name, exchanged)
  const grantSealed = await sealGrant(services, held, exchanged)
  const [stored] = await db
    .update(pendingAuthorizations)
    .set({
      grantSealed,
      accountIndex,
      next: exchangedStep,
      expiresAt: sql`now() + make_interval(secs => ${settings.pendingLifetime})`,
    })
    .where(eq(pendingAuthorizations.id, held.id))
    .returning({ since: sql<string>`now()::text` })
  if (stored) return stored.since
  await revokeExchanged(services, { held, platform, exchanged })
  throw connectionEnded()
}

async function storeLater(services: Services, kept: Kept): Promise<void> {
  for (const [at, wait] of waits.entries()) {
    await new Promise((resolve) => setTimeout(resolve, wait * 1000))
    try {
      await store(services, kept)
      return
    } catch (error) {
      if (error instanceof RefusedError) return
      if (at === waits.length - 1) throw error
    }
  }
}

/** The row goes with its session: who signed out, or lost the account to its owner, saves nothing more. */
export const connectionEnded = () => new RefusedError('forbidden', 'the connection was ended in the meantime')

/** Has ended at the platform what a connection gave that is gone: at once, since nobody is at it any more. */
export async function revokeExchanged(services: Services, { held, platform, exchanged }: Kept): Promise<void> {
  const { id, userId } = held
  const [accountIndex = null] = await accountIndexesOf(services, platform.name, exchanged)
  const grantSealed = await sealGrant(services, held, exchanged)
  const { name, protocol } = platform
  const row = { id, userId, platform: name, protocol, grantSealed, accountIndex, requestId: services.request?.id }
  await services.db
    .insert(revocations)
    .values(row)
    .onConflictDoUpdate({ target: revocations.id, set: { grantSealed, accountIndex, nextAttemptAt: sql`now()` } })
  services.wakeJobs()
}

/** Gives a connection up: what it has at the platform is ended by a job. Its own holder needn't be waited for, as the trigger would. */
export async function dropPending(services: Pick<Services, 'db' | 'wakeJobs'>, id: string): Promise<void> {
  const moved = await services.db.execute(sql`
    with dropped as (delete from pending_authorizations where id = ${id} returning *)
    insert into revocations (id, user_id, platform, protocol, account_index, grant_sealed, request_id)
    select id, user_id, platform, protocol, account_index, grant_sealed, request_id from dropped
    where grant_sealed is not null and tried
    on conflict do nothing returning id`)
  if (moved.length > 0) services.wakeJobs()
}
