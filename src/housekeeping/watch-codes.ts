import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'

/** Fewer codes than that tell nothing. */
const least = 20
/** Shares of codes that fail: never alarming below the first, always above the second. */
const bearable = 0.5
const unbearable = 0.9
/** Between them: so many times the share of the two weeks before. */
const rise = 1.5
/** Any number; the same in every instance, so that one of them raises the alarm. */
const lockId = 8_437_110_927

type Failures = { sent: number; failed: number; usual: number; country: string; network: string | null }

/**
 * Raises an alarm, once an hour over all instances, when the codes of the last hour are entered far less often than usual: somebody is
 * pumping SMS or guessing codes, or they don't arrive. Codes that may still be entered don't count.
 */
export async function watchCodes({ db, settings, log }: Pick<Services, 'db' | 'settings' | 'log'>): Promise<boolean> {
  const [alarm] = await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockId})`)
    return tx.execute<Failures>(sql`
      with codes as materialized (
        select id, country, network, verified_at is null as failed, created_at > ended.at - interval '1 hour' as is_recent
        from send_decisions, lateral (select now() - make_interval(secs => ${settings.codes.lifetime}) as at) as ended
        where outcome = 'allowed' and created_at between ended.at - interval '14 days' and ended.at
      ), rates as (
        select max(id) filter (where is_recent) as newest, count(*) filter (where is_recent) as sent,
          count(*) filter (where is_recent and failed) as failed,
          coalesce(avg(failed::int) filter (where not is_recent), 0) as usual
        from codes
      ), alarmed as (
        update send_decisions set alarmed_at = now() from rates
        where id = newest and sent >= ${least}
          and failed >= sent * least(${unbearable}, greatest(${bearable}, usual * ${rise}))
          and not exists (select from send_decisions as before where before.alarmed_at > now() - interval '1 hour')
        returning sent, failed, usual
      )
      select sent::int, failed::int, round(usual, 2)::float8 as usual,
        (select mode() within group (order by country) from codes where is_recent and failed) as country,
        (select mode() within group (order by network) from codes where is_recent and failed) as network
      from alarmed`)
  })
  if (!alarm) return false
  log.error('codes are entered far less often than usual: pumping, guessing, or messages that do not arrive', {
    sent: alarm.sent,
    neverEntered: alarm.failed,
    usualShare: alarm.usual,
    mostFrequentCountry: alarm.country,
    mostFrequentNetwork: alarm.network,
  })
  return true
}
