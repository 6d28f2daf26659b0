import { sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import { inTransaction, isoInstant } from '../postgres/database.ts'
import type { Services } from '../services.ts'
import { endSessions } from './end-sessions.ts'
import type { SessionPurpose } from './session.ts'
import { joinUser } from './session.ts'

type ListedSession = {
  createdAt: string
  renewedAt: string
  expiresAt: string
  purpose: SessionPurpose
  verified: boolean
}

/** Whoever looks at more sees what is wrong. */
const maxRows = 1000

/**
 * A user's live sessions, newest first, without anything that would let one be used. Those of a recovery are among them whatever uid it shows,
 * and so are a pending sign-up's, by the uid that it would have.
 */
export async function listSessions(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  userId: string,
): Promise<ListedSession[]> {
  const { maxAge, absoluteAge } = settings.sessions
  return db.execute<ListedSession>(sql`
    select ${isoInstant('sessions.created_at')} as "createdAt", ${isoInstant('greatest(sessions.created_at, renewed)')} as "renewedAt",
      ${isoInstant('expires_at')} as "expiresAt", purpose, verified_at is not null as verified
    from sessions ${joinUser}, lateral (select expires_at - make_interval(secs => ${maxAge}) as renewed) as last
    where (user_id = ${userId} or account_id = ${userId}) and (users.id = ${userId} or purpose = 'signup')
      and expires_at > now() and sessions.created_at > now() - make_interval(secs => ${absoluteAge})
    order by sessions.created_at desc limit ${maxRows}`)
}

/** Ends all of a user's sessions on an operator's word; the answer is how many were live. */
export async function endSessionsByOperator(
  services: Pick<Services, 'db' | 'settings' | 'request'>,
  userId: string,
): Promise<number> {
  return inTransaction(services, async (within) => {
    await within.db.execute(sql`select from users where id = ${userId} for no key update`)
    const { length } = await listSessions(within, userId)
    await endSessions(within, { userId })
    await within.db.execute(eventInsert(services, { event: 'sessions_end', userId, about: `operator: ${length}` }))
    return length
  })
}
