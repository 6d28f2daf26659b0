import { eq, sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import type { Grant, Platform } from '../platforms/platform.ts'
import { inTransaction, lockHashes } from '../postgres/database.ts'
import { pendingAuthorizations, users } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { type EndingConflict, findEndings } from './account-endings.ts'
import { accountIndexesOf, sealGrant } from './grant-row.ts'
import type { HeldPending } from './hold-pending.ts'
import { connectionEnded, revokeExchanged } from './keep-exchanged.ts'

type NewGrant = { held: HeldPending; platform: Platform; grant: Grant }

/**
 * Keeps a platform's grant for its owner, in place of the pending authorization that it came from and whose id it takes. One platform account
 * belongs to one user. What can't be kept is ended at the platform, by a job that the pending authorization leaves behind.
 *
 * Where ending one grant ends all of its account, whoever's they are, nothing is saved while one is being ended; and if one was since
 * `held.since`, the answer says so: the caller looks whether the grant still lives.
 */
export async function saveGrant(
  services: Services,
  { held, platform, grant }: NewGrant,
): Promise<EndingConflict | undefined> {
  const { id, userId } = held
  const grantSealed = await sealGrant(services, held, grant)
  const accountIndexes = await accountIndexesOf(services, platform.name, grant)

  const outcome = await inTransaction(services, async (within) => {
    const { db } = within
    // The user first, as everything that ends a user does: the other order could deadlock.
    await db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('key share')
    const [here] = await db
      .update(pendingAuthorizations)
      .set({ accountIndex: accountIndexes[0] ?? null })
      .where(eq(pendingAuthorizations.id, id))
      .returning({ id: pendingAuthorizations.id })
    if (!here) return 'gone'
    await lockHashes(db, accountIndexes)
    if (!platform.separateGrants) {
      const unsafe = await findEndings(db, accountIndexes, held.since)
      if (unsafe) return unsafe
    }
    const saved = await replacePending(within, { held, platform, grantSealed, accountIndexes })
    return saved ? 'saved' : 'conflict'
  })
  if (outcome === 'saved') return undefined
  if (outcome === 'gone') {
    await revokeExchanged(services, { held, platform, exchanged: grant })
    throw connectionEnded()
  }
  if (outcome === 'conflict') {
    services.wakeJobs()
    throw new RefusedError('conflict', `${platform.name} is already saved`)
  }
  if (outcome.isBeingEnded)
    throw new UnavailableError(platform.name, {
      cause: new ProviderError('an old grant of this account is being revoked'),
    })
  return outcome
}

type Saving = Omit<NewGrant, 'grant'> & { grantSealed: string; accountIndexes: readonly string[] }

/** False: the account is saved already, or the user has another of this platform; what the attempt got is then to be ended. */
async function replacePending(
  services: Pick<Services, 'db' | 'settings' | 'request'>,
  { held, platform, grantSealed, accountIndexes }: Saving,
): Promise<boolean> {
  const [accountIndex = ''] = accountIndexes
  const event = { event: 'grant_save', userId: sql`saved.user_id`, about: platform.name } as const
  const [row] = await services.db.execute<{ saved: boolean }>(sql`
    with spent as (
      delete from pending_authorizations where id = ${held.id} returning *
    ), saved as (
      insert into grants (id, user_id, platform, protocol, account_index, grant_sealed)
      select id, user_id, platform, protocol, ${accountIndex}, ${grantSealed} from spent
      where not exists (select from grants where platform = ${platform.name} and account_index in ${accountIndexes})
      on conflict do nothing
      returning user_id
    ), recorded as (${eventInsert(services, event, sql`from saved`)}
    ), refused as (
      insert into revocations (id, user_id, platform, protocol, account_index, grant_sealed, request_id)
      select id, user_id, platform, protocol, ${accountIndex}, ${grantSealed}, request_id from spent
      where not exists (select from saved)
      on conflict do nothing
    )
    select exists (select from saved) as saved`)
  return row?.saved ?? false
}
