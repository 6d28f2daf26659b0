import { type SQL, sql } from 'drizzle-orm'
import type { Settings } from '../services.ts'

/** A code that may be sent: to whom, and from where it's asked for. */
export type Send = {
  /** Of the number, under every key of the ring, newest first. */
  hashes: readonly string[]
  country: string
  network: string | undefined
}

export type DenialReason =
  | 'wait'
  | 'country'
  | 'number_budget'
  | 'network_budget'
  | 'country_budget'
  | 'global_budget'
  | 'unsent'

export type SpentBudget = { reason: DenialReason; seconds: number }

/**
 * How far a send may go past what others have used up. 0: not at all. 1: a captcha was solved for it. 2: it's asked for from where the owner of the
 * account signed in. Each is `SMS_RESERVE` more than the one before.
 */
export type Reserve = 0 | 1 | 2

type Budget = {
  reason: DenialReason
  /** So many sends within `period` spend it. */
  max: number | SQL
  period: 'hour' | 'day'
  /** Which sends count; all without it. */
  only?: SQL
}

type Learnt = { learnt: SQL; reserve?: Reserve }

/**
 * How many codes may be sent within the last hour and day. Those that somebody entered count too, but for two limits: `networkDaily`, and a
 * country's own. People enter their codes, pumping seldom does; so a country is trusted with as many more as `learnt`, which were entered there on
 * an average day.
 */
function budgetsOf(
  { sends }: Pick<Settings, 'sends'>,
  { hashes, country, network }: Send,
  { learnt, reserve = 0 }: Learnt,
): Budget[] {
  const ofNumber = sql`phone_number_index in ${hashes}`
  const ofNetwork = sql`network = ${network ?? null}::text`
  const ofCountry = sql`country = ${country}`
  /** What neither one country nor one network can have for itself. */
  const share = (of: number) => Math.ceil(of * sends.share)
  const ofAll: Budget[] = [
    { reason: 'global_budget', max: sends.daily, period: 'day' },
    { reason: 'country_budget', max: share(sends.daily), period: 'day', only: ofCountry },
    {
      reason: 'country_budget',
      max: sql`${sends.countryDailyFloor}::int + ${learnt}`,
      period: 'day',
      only: sql`${ofCountry} and verified_at is null`,
    },
    // What was sent from a reserve must not show to those who have none, until all of it is used up.
    reserve > 0
      ? { reason: 'number_budget', max: sends.numberDaily, period: 'day', only: ofNumber }
      : { reason: 'number_budget', max: sends.numberDaily, period: 'day', only: sql`${ofNumber} and reserve is null` },
    {
      reason: 'number_budget',
      max: Math.ceil(sends.numberDaily * (1 + 2 * sends.reserve)),
      period: 'day',
      only: ofNumber,
    },
    { reason: 'global_budget', max: sends.hourly, period: 'hour' },
    { reason: 'country_budget', max: share(sends.hourly), period: 'hour', only: ofCountry },
  ]
  if (network === undefined) return ofAll
  return [
    ...ofAll,
    { reason: 'network_budget', max: share(sends.hourly), period: 'hour', only: ofNetwork },
    {
      reason: 'network_budget',
      max: Math.min(sends.networkDailyTotal, share(sends.daily)),
      period: 'day',
      only: ofNetwork,
    },
    {
      reason: 'network_budget',
      max: sends.networkDaily,
      period: 'day',
      only: sql`${ofNetwork} and verified_at is null`,
    },
  ]
}

/**
 * A select of at most one row: the budget that is spent for longest, as `reason` and `seconds`; `others` are rows of a reason and when it ends. A budget is spent while as many sends as it allows
 * are younger than its period, so no more rows than that are read, each by an index of those that were allowed.
 */
export function findSpent(
  settings: Pick<Settings, 'sends'>,
  send: Send,
  learnt: Learnt,
  others: readonly SQL[] = [],
): SQL {
  const more = 1 + settings.sends.reserve * (learnt.reserve ?? 0)
  const endings = budgetsOf(settings, send, learnt).map(({ reason, max, period, only }) => {
    const length = sql.raw(`interval '1 ${period}'`)
    return sql`
      select ${reason}::text as reason, ${length} + (
        select created_at from send_decisions
        where outcome = 'allowed' and created_at > now() - ${length} ${only ? sql`and ${only}` : sql``}
        order by created_at desc offset ceil((${max})::int * ${more}::numeric)::bigint - 1 limit 1
      ) as ends_at`
  })
  return sql`
    select reason, ceil(extract(epoch from ends_at - now()))::int as seconds
    from (${sql.join([...endings, ...others], sql` union all `)}) as budgets where ends_at is not null order by seconds desc limit 1`
}
