import { eq, sql } from 'drizzle-orm'
import { belongsToAccount, sessions } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { hashSessionToken, isSessionToken } from './session.ts'

/** Rows that are removed at once. Those beyond it are over as well, by their epoch, and go with the next purges. */
const deleteBatch = 100

type Needed = Pick<Services, 'db' | 'settings'>

/**
 * Ends every session of a user, whatever its purpose, but for `except`. Part of a transaction that has locked the user's row. One more epoch is what
 * ends them, so that it takes as long for one session as for a hundred thousand; some rows go at once, so that servers of the version before see
 * that they are over, and with them what they were about to connect.
 *
 * With HIDE_ACCOUNTS recoveries that nobody has proved stay, as those of a number without an account: whoever began one sees no difference.
 */
export async function endSessions(
  { db, settings }: Needed,
  { userId, except = '' }: { userId: string; except?: string },
): Promise<void> {
  const unproved = settings.hideAccounts
    ? sql`
      slots as (update recovery_slots set account_id = null where account_id = ${userId} returning session_id_hash),
      unproved as (
        update sessions set account_id = null from slots
        where sessions.id_hash = slots.session_id_hash and sessions.verified_at is null
      )`
    : sql`
      slots as (delete from recovery_slots where account_id = ${userId} returning session_id_hash),
      unproved as (
        delete from sessions using slots
        where sessions.id_hash = slots.session_id_hash and sessions.verified_at is null
      )`
  await db.execute(sql`
    with ended as (
      update users set session_epoch = session_epoch + 1 where id = ${userId} returning session_epoch
    ), kept as (
      update sessions set epoch = ended.session_epoch from ended
      where id_hash = ${except} and coalesce(epoch, 0) = ended.session_epoch - 1
    ), ${unproved}, removed as (
      delete from sessions where ctid = any(array(
        select ctid from sessions
        where coalesce(account_id, user_id) = ${userId} and ${belongsToAccount} and id_hash <> ${except}
        limit ${deleteBatch}))
    )
    delete from pending_authorizations where user_id = ${userId} and session_id_hash <> ${except}`)
}

/** Ends one session on the server. False: it had ended already. */
export async function closeSession({ db }: Pick<Services, 'db'>, idHash: string): Promise<boolean> {
  const closed = await db.delete(sessions).where(eq(sessions.idHash, idHash)).returning({ idHash: sessions.idHash })
  return closed.length > 0
}

/** The same by the token that a cookie carries. */
export async function closeSessionOf(services: Pick<Services, 'db'>, token: string): Promise<void> {
  if (isSessionToken(token)) await closeSession(services, hashSessionToken(token))
}

/** Ends the recoveries of an account whose number they are about no longer. With HIDE_ACCOUNTS those that nobody has proved go on as decoys. */
export async function endRecoveries(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  userId: string,
): Promise<void> {
  await db.execute(sql`
    with slots as (
      update recovery_slots set account_id = null where account_id = ${userId}
    ), decoys as (
      update sessions set account_id = null
      where account_id = ${userId} and verified_at is null and ${settings.hideAccounts}::boolean
    )
    delete from sessions
    where account_id = ${userId} and purpose = 'recovery' and (verified_at is not null or not ${settings.hideAccounts}::boolean)`)
}
