import { sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import type { Services } from '../services.ts'
import type { SessionPurpose } from './session.ts'

type ListedSession = {
  createdAt: string
  renewedAt: string
  expiresAt: string
  purpose: SessionPurpose
  verified: boolean
}

const iso = (column: string) => sql.raw(`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)

/** A user's live sessions, newest first, without anything that would let one be used. */
export async function listSessions(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  userId: string,
): Promise<ListedSession[]> {
  const { maxAge, absoluteAge } = settings.sessions
  return db.execute<ListedSession>(sql`
    select ${iso('created_at')} as "createdAt", ${iso('greatest(created_at, renewed)')} as "renewedAt",
      ${iso('expires_at')} as "expiresAt", purpose, verified_at is not null as verified
    from sessions, lateral (select expires_at - make_interval(secs => ${maxAge}) as renewed) as last
    where user_id = ${userId} and expires_at > now() and created_at > now() - make_interval(secs => ${absoluteAge})
    order by created_at desc`)
}

/** Ends all of a user's sessions on an operator's word; the answer is how many. */
export async function endSessions(
  services: Pick<Services, 'db' | 'settings' | 'request'>,
  userId: string,
): Promise<number> {
  const event = { event: 'sessions_end', userId, about: sql`'operator: ' || (select count(*) from ended)` } as const
  const [row] = await services.db.execute<{ ended: number }>(sql`
    with ended as (delete from sessions where user_id = ${userId} returning 1),
    recorded as (${eventInsert(services, event)})
    select count(*)::int as ended from ended`)
  return row?.ended ?? 0
}
