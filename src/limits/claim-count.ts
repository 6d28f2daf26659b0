import { type SQL, sql } from 'drizzle-orm'
import { prepared } from '../postgres/database.ts'
import type { Quota, Services } from '../services.ts'

/** What is counted, for whom: `key` is a network's hash, a number's, a uid, or empty for everybody. */
export type Count = { name: string; key: string }

/** Values, or placeholders of a prepared statement. */
type Parameters = Record<keyof Count | keyof Quota, unknown>

const hourSeconds = 3600

/** The row of a limit that is used up for now. */
const spent = ({ name, key, hourly, daily }: Omit<Parameters, 'windowSeconds'>): SQL => sql`
  select from limit_counts where name = ${name} and key = ${key}
    and ((hour_ends_at > now() and hour_used >= ${hourly}::int) or (day_ends_at > now() and day_used >= ${daily}::int))`

/** Uses a limit once; its one row says that it did. One that is used up is only read: whoever keeps asking locks nothing. */
const useOnce = (parameters: Parameters): SQL => {
  const { name, key, hourly, daily, windowSeconds } = parameters
  const hourIsOver = sql`counted.hour_ends_at <= now()`
  const dayIsOver = sql`counted.day_ends_at <= now()`
  const hourEnds = sql`now() + make_interval(secs => ${windowSeconds}::int)`
  return sql`
    insert into limit_counts as counted (name, key, hour_used, hour_ends_at, day_used, day_ends_at)
    select ${name}::text, ${key}::text, 1, ${hourEnds}, 1, now() + interval '1 day'
    where ${hourly}::int > 0 and ${daily}::int > 0 and not exists (${spent(parameters)})
    on conflict (name, key) do update set
      hour_used = case when ${hourIsOver} then 1 else counted.hour_used + 1 end,
      hour_ends_at = case when ${hourIsOver} then ${hourEnds} else counted.hour_ends_at end,
      day_used = case when ${dayIsOver} then 1 else counted.day_used + 1 end,
      day_ends_at = case when ${dayIsOver} then now() + interval '1 day' else counted.day_ends_at end
    where (${hourIsOver} or counted.hour_used < ${hourly}::int)
      and (${dayIsOver} or counted.day_used < ${daily}::int)
    returning true as counted`
}

const { placeholder: param } = sql

const count = prepared<{ counted: boolean }>(
  useOnce({
    name: param('name'),
    key: param('key'),
    hourly: param('hourly'),
    daily: param('daily'),
    windowSeconds: param('windowSeconds'),
  }),
)

/**
 * Uses a limit once, unless it is used up for this hour or day. Of parallel claims no more succeed than are left. The answer is 0, or the seconds
 * until the next one may succeed; a refused claim writes no row.
 */
export async function claimCount(
  { db }: Pick<Services, 'db'>,
  { name, key }: Count,
  { hourly, daily, windowSeconds = hourSeconds }: Quota,
): Promise<number> {
  const claimed = await count(db, { name, key, hourly, daily, windowSeconds })
  if (claimed.length > 0) return 0
  const [row] = await db.execute<{ seconds: number | null }>(sql`
    select ceil(extract(epoch from greatest(
      case when hour_used >= ${hourly} then hour_ends_at end, case when day_used >= ${daily} then day_ends_at end
    ) - now()))::int as seconds
    from limit_counts where name = ${name} and key = ${key}`)
  return Math.max(1, row?.seconds ?? 1)
}

/** Whether a limit is used up for now. */
export async function isSpent({ db }: Pick<Services, 'db'>, count: Count, quota: Quota): Promise<boolean> {
  const found = await db.execute(spent({ ...count, ...quota }))
  return found.length > 0
}

/** As part of a statement: one row the first time within an hour, then none. */
export const firstInHour = (count: Count): SQL =>
  useOnce({ ...count, hourly: 1, daily: 24, windowSeconds: hourSeconds })

/** As parts (`name as (…)`) of a statement: takes a use back for the one row of `from`. A count that is back at none leaves no row. */
export const returnCountCtes = ({ name, key }: Count, from: SQL): SQL => sql`
  locked as (
    select name, key, day_used from limit_counts where name = ${name} and key = ${key} and exists (select ${from})
    for update
  ), emptied as (
    delete from limit_counts using locked
    where limit_counts.name = locked.name and limit_counts.key = locked.key and locked.day_used <= 1
  ), returned as (
    update limit_counts set hour_used = greatest(limit_counts.hour_used - 1, 0), day_used = locked.day_used - 1
    from locked
    where limit_counts.name = locked.name and limit_counts.key = locked.key and locked.day_used > 1
  )`

/** Takes a use back that came to nothing. */
export async function returnCount({ db }: Pick<Services, 'db'>, count: Count): Promise<void> {
  await db.execute(sql`with ${returnCountCtes(count, sql``)} select`)
}
