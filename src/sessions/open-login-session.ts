import { sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { fingerprint, newSessionToken } from './session-token.ts'

type Login = { userId: string; passwordHash: string; userAgent: string }

/**
 * Opens a session for a user whose password was just found right; the answer is its token.
 * In one statement that locks the user: a password changed, or an account deleted, in the meantime wins.
 */
export async function openLoginSession(
  services: Pick<Services, 'db' | 'settings' | 'request'>,
  login: Login,
): Promise<string> {
  const { db, settings } = services
  const token = newSessionToken()
  const [idHash, userAgentHash] = [fingerprint(token), fingerprint(login.userAgent)]
  const opened = await db.execute(sql`
    with entered as (
      update users set previous_login_at = last_login_at, last_login_at = now()
      where id = ${login.userId} and password_hash = ${login.passwordHash}
      returning id
    ), recorded as (${eventInsert(services, { event: 'login', userId: sql`entered.id` }, sql`from entered`)})
    insert into sessions (id_hash, user_id, purpose, user_agent_hash, expires_at)
    select ${idHash}, id, 'login', ${userAgentHash}, now() + make_interval(secs => ${settings.sessions.maxAge}) from entered
    returning user_id`)
  if (opened.length === 0) throw new RefusedError('unauthorized', 'wrong phone number or password')
  return token
}
