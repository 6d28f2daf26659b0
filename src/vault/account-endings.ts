import { sql } from 'drizzle-orm'
import type { Database } from '../postgres/database.ts'
import { inTransaction, lockHashes } from '../postgres/database.ts'
import type { Services } from '../services.ts'
import { moveToRevocations } from './revoke-grant.ts'

export type RevocationJob = { id: string; userId: string; platform: string; protocol: string; grantSealed: string }

/*
 * Where ending one grant of a platform account ends all of it, a grant must not be saved while another is being ended, whoever the users are.
 * Both decide under a lock on the account, which no call to a platform is made under:
 *
 * - an ending is claimed for some seconds (`revocations.held_until`), unless the account is saved or about to be;
 * - a save is put off while an ending is claimed, and repeated with a new look-up if one was claimed or done since the last look-up.
 */

/** `isBeingEnded`: now. Otherwise something was since the last look-up: `since` is when the next one begins. */
export type EndingConflict = { isBeingEnded: boolean; since: string }

/** What stands against saving a grant of an account that the platform took at `since`. The caller holds the account's lock. */
export async function findEndings(
  tx: Database,
  accountIndexes: readonly string[],
  since: string,
): Promise<EndingConflict | undefined> {
  const [row] = await tx.execute<{ is_being_ended: boolean; was_ended: boolean; since: string }>(sql`
    select coalesce(bool_or(until > clock_timestamp()), false) as is_being_ended, count(*) > 0 as was_ended,
      clock_timestamp()::text as since
    from (
      select held_until as until from revocations where account_index in ${accountIndexes}
      union all
      select ended_at from ended_accounts where account_index in ${accountIndexes}
    ) as endings where until >= ${since}::timestamptz`)
  return row?.was_ended ? { isBeingEnded: row.is_being_ended, since: row.since } : undefined
}

/** Claims the ending of an account's grants for as long as a call to the platform may take. */
export async function claimEnding(
  { db, settings }: Services,
  { id, userId, platform }: RevocationJob,
  accountIndexes: readonly string[],
): Promise<'claimed' | 'superseded' | 'waiting'> {
  return db.transaction(async (tx) => {
    await lockHashes(tx, accountIndexes)
    const [account] = await tx.execute<{ is_saved: boolean; is_connecting: boolean }>(sql`
      select exists (select from grants where platform = ${platform} and account_index in ${accountIndexes}) as is_saved,
        exists (
          select from pending_authorizations
          where platform = ${platform} and held_until > now() and id <> ${id}
            and (user_id = ${userId} or account_index in ${accountIndexes})
        ) as is_connecting`)
    if (account?.is_saved) {
      await tx.execute(sql`delete from revocations where id = ${id}`)
      return 'superseded'
    }
    if (account?.is_connecting) {
      await tx.execute(sql`
        update revocations set account_index = ${accountIndexes[0]}, held_until = null, attempts = attempts - 1,
          next_attempt_at = now() + interval '5 seconds' where id = ${id}`)
      return 'waiting'
    }
    const until = sql`clock_timestamp() + make_interval(secs => ${settings.platformTimeout + 5})`
    await tx.execute(sql`
      update revocations set account_index = ${accountIndexes[0]}, held_until = ${until}, next_attempt_at = ${until}
      where id = ${id}`)
    return 'claimed'
  })
}

/**
 * The account's grants are ended. If its claim had run out (this process stood still) and one was saved meanwhile, that one leaves its wallet:
 * it can't be told whether it still lives.
 */
export async function recordEnding(
  services: Services,
  { id, platform }: RevocationJob,
  accountIndexes: readonly string[],
): Promise<void> {
  const moved = await inTransaction(services, async (within) => {
    await lockHashes(within.db, accountIndexes)
    await within.db.execute(sql`
      with done as (delete from revocations where id = ${id})
      insert into ended_accounts (account_index, ended_at) values (${accountIndexes[0]}, clock_timestamp())
      on conflict (account_index) do update set ended_at = excluded.ended_at`)
    return moveToRevocations(within, sql`platform = ${platform} and account_index in ${accountIndexes}`)
  })
  if (moved > 0) services.log.warn('removed a grant whose account was being revoked while it was saved', { platform })
}
