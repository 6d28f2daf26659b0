import { sql } from 'drizzle-orm'
import type { Database } from '../../postgres/database.ts'

/** What only the database knows, of all instances together. */
export type Stored = {
  due: number
  /** For its next try. */
  waiting: number
  /** Being carried out. */
  held: number
  dead: number
  /** Seconds since the oldest due one should have been taken up. */
  oldestDueAge: number
  /** Numbers and uids, each once, from however many networks they are tried. */
  passwordBlocks: number
  lockWaits: number
  /** Alarms are raised anew every hour while they last, at the round of ten minutes that comes next. */
  isCodeAlarmOn: boolean
  isSendAlarmOn: boolean
}

/** One statement, of which every part has an index to itself or reads what is few. */
export async function readStored(db: Database): Promise<Stored> {
  const [stored] = await db.execute<Stored>(sql`
    with alive as (
      select next_attempt_at <= now() as is_due, coalesce(held_until > now(), false) as is_held,
        extract(epoch from now() - next_attempt_at)::float8 as age
      from revocations where dead_at is null
    )
    select
      count(*) filter (where is_due and not is_held)::int as due,
      count(*) filter (where not is_due and not is_held)::int as waiting,
      count(*) filter (where is_held)::int as held,
      coalesce(max(age) filter (where is_due and not is_held), 0) as "oldestDueAge",
      (select count(*)::int from revocations where dead_at is not null) as dead,
      (select count(*)::int from password_tries where blocked_until > now() and network = '') as "passwordBlocks",
      (select count(*)::int from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock') as "lockWaits",
      exists (select from alarms where name = 'codes not entered' and raised_at > now() - interval '75 minutes')
        as "isCodeAlarmOn",
      exists (select from alarms where name = 'codes sent' and raised_at > now() - interval '75 minutes') as "isSendAlarmOn"
    from alive`)
  if (!stored) throw new Error('an aggregate always has a row')
  return stored
}
