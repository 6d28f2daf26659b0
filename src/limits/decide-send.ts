import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'
import { type DenialReason, type Send, SendDenial } from './record-denial.ts'

/** Any number; the same in every instance, so that no two count at once. */
const lockId = 8_437_110_926

/**
 * Counts a send against the budgets of the last 24 hours, or denies it. By network and by country only codes that nobody entered count:
 * people enter theirs, pumping never does. A country that people are in is thereby trusted with more: as many again as it entered on an average
 * day of the last two weeks. Within a transaction, which holds the lock until its count stands.
 */
export async function decideSend(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  { phoneNumberIndex, country, network = undefined }: Send,
): Promise<number> {
  const { daily, networkDaily, countryDailyFloor } = settings.sends
  // What is learnt changes slowly: it's counted before the lock, which is thus held only while a day is.
  const [learnt] = await db.execute<{ budget: number }>(sql`
    select (
      select count(*) / 14 from send_decisions
      where country = ${country} and verified_at is not null and created_at > now() - interval '14 days'
    )::int as budget, pg_advisory_xact_lock(${lockId})`)
  const [decision] = await db.execute<{ id: string | null; reason: DenialReason; seconds: number }>(sql`
    with day as materialized (
      select country, network, verified_at, created_at from send_decisions
      where outcome = 'allowed' and created_at > now() - interval '1 day'
    ), budgets (reason, spent, budget, oldest) as (
      select 'global_budget', count(*), ${daily}::bigint, min(created_at) from day
      union all
      select 'network_budget', count(*), ${networkDaily}, min(created_at) from day
      where verified_at is null and network = ${network ?? null}::text
      union all
      select 'country_budget', count(*), ${countryDailyFloor + (learnt?.budget ?? 0)}, min(created_at) from day
      where verified_at is null and country = ${country}
    ), spent as (
      select reason, ceil(extract(epoch from oldest + interval '1 day' - now()))::int as seconds
      from budgets where spent >= budget order by seconds desc limit 1
    ), allowed as (
      insert into send_decisions (country, network, phone_number_index, outcome)
      select ${country}, ${network ?? null}, ${phoneNumberIndex}, 'allowed' where not exists (select from spent)
      returning id
    )
    select allowed.id, spent.reason, spent.seconds from (select) as one left join allowed on true left join spent on true`)
  if (!decision?.id) throw new SendDenial(decision?.reason ?? 'global_budget', decision?.seconds)
  return Number(decision.id)
}
