import { type SQL, sql } from 'drizzle-orm'
import { knownNetworkDays } from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'

/** Rows of one table that go in one statement: a purge never holds locks for long. */
const batch = 1000
/** An unfinished sign-up's number, name and password hash are kept no longer than its session may live, and a day for good measure. */
const marginSeconds = 86_400
/** A country's budget, and what failure is usual, are learnt from so many days. */
const learningSeconds = 14 * 86_400

/**
 * Removes what has expired, batch by batch; the answer is how many rows. Instances may run it at once: rows that another has locked are
 * passed over. Grants and dead revocations stay: the latter are for the operator to see.
 */
export async function purgeExpired({ db, settings }: Pick<Services, 'db' | 'settings'>): Promise<number> {
  const ago = (seconds: number) => sql`now() - make_interval(secs => ${seconds})`
  const sessionAge = ago(settings.sessions.absoluteAge)
  const longestWait = ago(Math.max(...settings.codes.resendWaits) + marginSeconds)
  const longestBlock = ago(settings.logins.longBlock + marginSeconds)
  const expired: [table: string, key: string, which: SQL][] = [
    ['sessions', 'id_hash', sql`created_at < ${sessionAge} or expires_at < now()`],
    ['signups', 'id', sql`created_at < ${ago(settings.sessions.absoluteAge + marginSeconds)}`],
    ['codes', 'session_id_hash', sql`expires_at < now()`],
    ['audit_events', 'id', sql`keep_until < now()`],
    ['pending_authorizations', 'id', sql`expires_at < now() and (held_until is null or held_until < now())`],
    ['send_decisions', 'id', sql`created_at < ${ago(learningSeconds + marginSeconds)}`],
    ['code_waits', 'phone_number_index', sql`next_at < ${longestWait}`],
    [
      'password_tries',
      'ctid',
      sql`last_tried_at < ${longestBlock} and (blocked_until is null or blocked_until < now())
        and (entered_at is null or entered_at < ${ago(knownNetworkDays * 86_400)})`,
    ],
  ]
  let purged = 0
  for (const [table, key, which] of expired) {
    for (let removed = batch; removed === batch; purged += removed) {
      const [name, column] = [sql.identifier(table), sql.identifier(key)]
      const rows = await db.execute(sql`
        delete from ${name} where ${column} in (select ${column} from ${name} where ${which} limit ${batch} for update skip locked)
        returning 1`)
      removed = rows.length
    }
  }
  return purged
}
