import { sql } from 'drizzle-orm'
import { prepared } from '../db/prepared.ts'
import type { Quota, Services } from '../services.ts'

/** What is counted, for whom: `key` is a network's hash, a number's, a uid, or empty for everybody. */
export type Count = { name: string; key: string }

const { placeholder: param } = sql

const hourIsOver = sql`counted.hour_ends_at <= now()`
const dayIsOver = sql`counted.day_ends_at <= now()`

const count = prepared<{ counted: boolean }>(sql`
  insert into limit_counts as counted (name, key, hour_used, hour_ends_at, day_used, day_ends_at)
  select ${param('name')}::text, ${param('key')}::text, 1, now() + interval '1 hour', 1, now() + interval '1 day'
  where ${param('hourly')}::int > 0 and ${param('daily')}::int > 0
  on conflict (name, key) do update set
    hour_used = case when ${hourIsOver} then 1 else counted.hour_used + 1 end,
    hour_ends_at = case when ${hourIsOver} then now() + interval '1 hour' else counted.hour_ends_at end,
    day_used = case when ${dayIsOver} then 1 else counted.day_used + 1 end,
    day_ends_at = case when ${dayIsOver} then now() + interval '1 day' else counted.day_ends_at end
  where (${hourIsOver} or counted.hour_used < ${param('hourly')}::int)
    and (${dayIsOver} or counted.day_used < ${param('daily')}::int)
  returning true as counted`)

/**
 * Uses a limit once, unless it is used up for this hour or day. Of parallel claims no more succeed than are left. The answer is 0, or the seconds
 * until the next one may succeed; a refused claim writes no row.
 */
export async function claimCount(
  { db }: Pick<Services, 'db'>,
  { name, key }: Count,
  { hourly, daily }: Quota,
): Promise<number> {
  const claimed = await count(db, { name, key, hourly, daily })
  if (claimed.length > 0) return 0
  const [row] = await db.execute<{ seconds: number | null }>(sql`
    select ceil(extract(epoch from greatest(
      case when hour_used >= ${hourly} then hour_ends_at end, case when day_used >= ${daily} then day_ends_at end
    ) - now()))::int as seconds
    from limit_counts where name = ${name} and key = ${key}`)
  return Math.max(1, row?.seconds ?? 1)
}

/** Takes a use back that came to nothing. A count that is back at none leaves no row. */
export async function returnCount({ db }: Pick<Services, 'db'>, { name, key }: Count): Promise<void> {
  await db.execute(sql`
    with returned as (
      update limit_counts set hour_used = greatest(hour_used - 1, 0), day_used = day_used - 1
      where name = ${name} and key = ${key} and day_used > 1
      returning true
    )
    delete from limit_counts
    where name = ${name} and key = ${key} and day_used <= 1 and not exists (select from returned)`)
}
