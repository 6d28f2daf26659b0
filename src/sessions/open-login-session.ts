import { type SQL, sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import { sha256 } from '../crypto/sha256.ts'
import type { Services } from '../services.ts'
import { hashSessionToken, newSessionToken } from './session.ts'

type Login = {
  userId: string
  passwordHash: string
  userAgent: string
  /** What settles the password try, as parts (`name as (…)`) of the statement: `passed` has a row if `account`, the user's, has one. */
  settlement: SQL
}

/**
 * Opens a session for a user whose password was just found right, and the answer is its token.
 * In one statement that locks the user: a password changed, or an account deleted, in the meantime wins: no answer, and nothing is changed.
 */
export async function openLoginSession(
  services: Pick<Services, 'db' | 'settings' | 'request'>,
  { userId, passwordHash, userAgent, settlement }: Login,
): Promise<string | undefined> {
  const { db, settings } = services
  const token = newSessionToken()
  const [idHash, userAgentHash] = [hashSessionToken(token), sha256(userAgent)]
  const opened = await db.execute(sql`
    with account as (
      update users set previous_login_at = last_login_at, last_login_at = now()
      where id = ${userId} and password_hash = ${passwordHash}
      returning id, session_epoch
    ), ${settlement}, recorded as (
      ${eventInsert(services, { event: 'login', userId: sql`account.id` }, sql`from account`)}
    )
    insert into sessions (id_hash, user_id, purpose, user_agent_hash, expires_at, epoch)
    select ${idHash}, id, 'login', ${userAgentHash}, now() + make_interval(secs => ${settings.sessions.maxAge}), session_epoch
    from account cross join passed
    returning user_id`)
  return opened.length > 0 ? token : undefined
}
