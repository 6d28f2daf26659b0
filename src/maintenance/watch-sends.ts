import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'
import { claimAlarm } from './claim-alarm.ts'

/** So much of a limit tells the operator before it keeps people out. */
const warningShare = 0.8
/** An hour with so many times the codes of a usual one, at least so many, and with this share of SMS_HOURLY, is a surge. */
const surge = { times: 5, least: 20, share: 0.1 }

type Sent = {
  hour: number
  day: number
  /** Codes in an average hour of the two weeks before. */
  usual: number
  number: number
  network: string | null
  networkSent: number
  networkNotEntered: number
  country: string | null
  countrySent: number
}

/**
 * Raises an alarm, once an hour over all instances, when far more codes are sent than usual, or when the codes of a day come near a limit: of
 * everybody, or of the number, network or country that had the most. Unlike `watchCodes` it sees codes that are entered, and at once.
 */
export async function watchSends({ db, settings, log }: Pick<Services, 'db' | 'settings' | 'log'>): Promise<boolean> {
  const [sent] = await db.execute<Sent>(sql`
    with codes as materialized (
      select country, network, phone_number_index as number, verified_at is null as failed, created_at,
        created_at > now() - interval '1 hour' as is_recent
      from send_decisions, lateral (select now() as at) as this
      where outcome = 'allowed' and created_at between this.at - interval '14 days' and this.at
    ), day as materialized (
      select * from codes where created_at > now() - interval '1 day'
    ), networks as (
      select network, count(*)::int as sent, count(*) filter (where failed)::int as failed
      from day where network is not null group by network
    ), countries as (
      select country, count(*)::int as sent from day group by country order by sent desc limit 1
    )
    select
      (select count(*)::int from day where is_recent) as hour,
      (select count(*)::int from day) as day,
      (select count(*) / greatest(24, extract(epoch from now() - min(created_at)) / 3600)
        from codes where not is_recent)::float8 as usual,
      coalesce((select max(sent) from (select count(*)::int as sent from day where number is not null group by number) as numbers), 0)
        as number,
      (select network from networks order by sent desc limit 1) as network,
      coalesce((select max(sent) from networks), 0) as "networkSent",
      coalesce((select max(failed) from networks), 0) as "networkNotEntered",
      (select country from countries) as country,
      coalesce((select sent from countries), 0) as "countrySent"`)
  const reasons = sent ? reasonsFor(settings.sends, sent) : []
  if (!sent || reasons.length === 0 || !(await claimAlarm({ db }, 'codes sent'))) return false
  log.error('far more codes are sent than usual, or a limit is almost reached', {
    reasons,
    sentThisHour: sent.hour,
    sentToday: sent.day,
    usuallyAnHour: Math.round((sent.usual ?? 0) * 10) / 10,
    mostFrequentCountry: sent.country,
    mostFrequentNetwork: sent.network,
  })
  return true
}

function reasonsFor(sends: Services['settings']['sends'], sent: Sent): string[] {
  const { hourly, daily, share } = sends
  const near: Record<string, boolean> = {
    surge: sent.hour >= Math.max(surge.least, hourly * surge.share, (sent.usual ?? 0) * surge.times),
    SMS_HOURLY: sent.hour >= hourly * warningShare,
    SMS_DAILY: sent.day >= daily * warningShare,
    SMS_NUMBER_DAILY: sent.number >= sends.numberDaily * warningShare,
    SMS_NETWORK_DAILY: sent.networkNotEntered >= sends.networkDaily * warningShare,
    SMS_NETWORK_DAILY_TOTAL: sent.networkSent >= Math.min(sends.networkDailyTotal, daily * share) * warningShare,
    SMS_SHARE: sent.countrySent >= daily * share * warningShare,
  }
  return Object.keys(near).filter((reason) => near[reason])
}
