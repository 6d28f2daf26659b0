import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'
import { claimAlarm } from './claim-alarm.ts'

/** Fewer codes than that tell nothing. */
const minCodes = 20
/** Shares of codes that fail: never alarming below the first, always above the second. */
const alarmFloor = 0.5
const alarmCeiling = 0.9
/** Between them: so many times the share of the two weeks before. */
const riseFactor = 1.5
type Failures = { sent: number; failed: number; usual: number; country: string; network: string | null }

/**
 * Raises an alarm, once an hour over all instances, when the codes of the last hour are entered far less often than usual: somebody is
 * pumping SMS or guessing codes, or they don't arrive. Codes that may still be entered don't count.
 */
export async function watchCodes({ db, settings, log }: Pick<Services, 'db' | 'settings' | 'log'>): Promise<boolean> {
  const [alarm] = await db.execute<Failures>(sql`
    with codes as materialized (
      select country, network, verified_at is null as failed, created_at > ended.at - interval '1 hour' as is_recent
      from send_decisions, lateral (select now() - make_interval(secs => ${settings.codes.lifetime}) as at) as ended
      where outcome = 'allowed' and created_at between ended.at - interval '14 days' and ended.at
    ), rates as (
      select count(*) filter (where is_recent)::int as sent, count(*) filter (where is_recent and failed)::int as failed,
        coalesce(avg(failed::int) filter (where not is_recent), 0) as usual
      from codes
    )
    select sent, failed, round(usual, 2)::float8 as usual,
      (select mode() within group (order by country) from codes where is_recent and failed) as country,
      (select mode() within group (order by network) from codes where is_recent and failed) as network
    from rates
    where sent >= ${minCodes} and failed >= sent * least(${alarmCeiling}, greatest(${alarmFloor}, usual * ${riseFactor}))`)
  if (!alarm || !(await claimAlarm({ db }, 'codes not entered'))) return false
  log.error('far fewer codes are entered than usual: SMS pumping, code guessing, or undelivered messages', {
    sent: alarm.sent,
    neverEntered: alarm.failed,
    usualShare: alarm.usual,
    mostFrequentCountry: alarm.country,
    mostFrequentNetwork: alarm.network,
  })
  return true
}
