import { sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/** Ends the session that asks for it. */
export async function logOut(
  services: Pick<Services, 'db' | 'settings' | 'request'>,
  { idHash }: Session,
): Promise<void> {
  const inserted = eventInsert(services, { event: 'logout', userId: sql`closed.user_id` }, sql`from closed`)
  await services.db.execute(sql`
    with closed as (delete from sessions where id_hash = ${idHash} returning user_id) ${inserted}`)
}
