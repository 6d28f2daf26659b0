import { type SQL, sql } from 'drizzle-orm'
import { knownNetworkDays } from '../limits/networks.ts'
import type { Services } from '../services.ts'

/** Rows of one table that go in one statement: a purge never holds locks for long. */
const batch = 1000
/** What a limit may still look at is kept a day longer, for good measure. */
const marginSeconds = 86_400
/** An unfinished sign-up's number, name and password hash: no longer than its session may live, and as much as clocks and transactions may differ. */
const signupMarginSeconds = 3600
/** A country's budget, and what failure is usual, are learnt from so many days. */
const learningSeconds = 14 * 86_400

/**
 * Removes what has expired, batch by batch; the answer is how many rows. Instances may run it at once: rows that another has locked are
 * passed over. Grants and dead revocations stay: the latter are for the operator to see.
 */
export async function purgeExpired({ db, settings }: Pick<Services, 'db' | 'settings'>): Promise<number> {
  const ago = (seconds: number) => sql`now() - make_interval(secs => ${seconds})`
  const longestWait = ago(Math.max(...settings.codes.resendWaits) + marginSeconds)
  const longestBlock = ago(settings.logins.longBlock + marginSeconds)
  const notBlocked = sql`and (blocked_until is null or blocked_until < now())`
  const expired: [table: string, by: string, before: SQL, condition?: SQL][] = [
    // An expired session stays for the rest of its day: an index on its expiry would cost every renewal.
    ['sessions', 'created_at', ago(settings.sessions.absoluteAge)],
    ['recovery_slots', 'created_at', ago(settings.sessions.absoluteAge)],
    ['signups', 'created_at', ago(settings.sessions.absoluteAge + signupMarginSeconds)],
    ['codes', 'expires_at', sql`now()`],
    ['audit_events', 'keep_until', sql`now()`],
    ['pending_authorizations', 'expires_at', sql`now()`, sql`and (held_until is null or held_until < now())`],
    ['ended_accounts', 'ended_at', ago(settings.pendingLifetime + marginSeconds)],
    ['send_decisions', 'created_at', ago(learningSeconds + marginSeconds)],
    ['hidden_sends', 'created_at', ago(settings.codes.lifetime)],
    ['send_denials', 'hour', ago(learningSeconds + marginSeconds)],
    ['code_waits', 'next_at', longestWait],
    ['limit_counts', 'day_ends_at', sql`now()`],
    ['password_tries', 'last_tried_at', longestBlock, sql`and entered_at is null ${notBlocked}`],
    [
      'password_tries',
      'entered_at',
      ago(knownNetworkDays * 86_400),
      sql`and last_tried_at < ${longestBlock} ${notBlocked}`,
    ],
  ]
  await forgetNumbers({ db })
  let purged = 0
  for (const [table, by, before, condition = sql``] of expired) {
    for (let removed = batch; removed === batch; purged += removed) {
      const [name, column] = [sql.identifier(table), sql.identifier(by)]
      // In the order of an index, by which the rows are then found whatever Postgres thinks how many there are.
      const rows = await db.execute(sql`
        delete from ${name} where ctid = any(array(
          select ctid from ${name} where ${column} < ${before} ${condition} order by ${column} limit ${batch} for update skip locked))
        returning 1`)
      removed = rows.length
    }
  }
  return purged
}

/** Which numbers codes were sent to: no limit looks back further than a day. */
async function forgetNumbers({ db }: Pick<Services, 'db'>): Promise<void> {
  for (let forgotten = batch; forgotten === batch; ) {
    const rows = await db.execute(sql`
      update send_decisions set phone_number_index = null where ctid = any(array(
        select ctid from send_decisions where created_at < now() - interval '1 day' and phone_number_index is not null
        order by created_at limit ${batch} for update skip locked))
      returning 1`)
    forgotten = rows.length
  }
}
