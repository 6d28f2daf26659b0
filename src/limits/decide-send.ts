import { type SQL, sql } from 'drizzle-orm'
import type { Services } from '../services.ts'
import { type DenialReason, findSpent, type Reserve, type Send, type SpentBudget } from './send-budgets.ts'

/** Any number; the same in every instance, so that no two count at once. */
const lockId = 8_437_110_926

/** `wait`: when a wait is over that the budgets come on top of. */
type Reserved = { learnt: number; reserve?: Reserve; wait?: SQL }

type Needed = Pick<Services, 'db' | 'settings'>

/**
 * What denies a send now, if anything does. Reads only and takes no lock: a flood of requests that are denied causes no more than this. `learnt`
 * are the codes that were entered in the country on an average day of the last two weeks.
 */
export async function findDenial(
  { db, settings }: Needed,
  send: Send,
  wait: SQL,
): Promise<{ learnt: number; denial: SpentBudget | undefined }> {
  const [found] = await db.execute<{ learnt: number; reason: DenialReason | null; seconds: number }>(sql`
    select learnt, reason, seconds from (
      select (count(*) / 14)::int as learnt from send_decisions
      where country = ${send.country} and verified_at is not null and created_at > now() - interval '14 days'
    ) as learning left join lateral (
      ${findSpent(settings, send, { learnt: sql`learnt` }, [sql`select 'wait', ${wait}`])}
    ) as spent on true`)
  if (!found) throw new Error('an aggregate always has a row')
  const { learnt, reason, seconds } = found
  return { learnt, denial: reason === null ? undefined : { reason, seconds } }
}

/**
 * Counts a send, whose number is `hash`, unless a budget is spent: the answer is the id of what was counted, or that budget. In a transaction,
 * which from here to its end is the only one to count.
 */
export async function decideSend(
  { db, settings }: Needed,
  { hash, ...send }: Send & { hash: string },
  { learnt, reserve = 0, wait }: Reserved,
): Promise<number | SpentBudget> {
  await db.execute(sql`select pg_advisory_xact_lock(${lockId})`)
  const [decision] = await db.execute<{ id: string | null; reason: DenialReason; seconds: number }>(sql`
    with spent as (${findSpent(settings, send, { learnt: sql`${learnt}::int`, reserve }, wait ? [sql`select 'wait', ${wait}`] : [])}), allowed as (
      insert into send_decisions (country, network, phone_number_index, outcome, reserve)
      select ${send.country}, ${send.network ?? null}::text, ${hash}, 'allowed', ${reserve || null}::smallint where not exists (select from spent)
      returning id
    )
    select allowed.id, spent.reason, spent.seconds from (select) as one left join allowed on true left join spent on true`)
  if (!decision) throw new Error('a select from one row has a row')
  return decision.id === null ? { reason: decision.reason, seconds: decision.seconds } : Number(decision.id)
}
