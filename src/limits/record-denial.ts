import { type SQL, sql } from 'drizzle-orm'
import type { Services } from '../services.ts'
import type { DenialReason, Send } from './send-budgets.ts'

type Denied = Pick<Send, 'country' | 'network'>

/**
 * Writes down that a code was denied. All denials of an hour to one network, for one country and reason, are one row, so that whoever is denied
 * can't fill the database. True: it's the first of these.
 */
export async function recordDenial(
  { db }: Pick<Services, 'db'>,
  { country, network = '' }: Denied,
  reason: DenialReason,
): Promise<boolean> {
  const [denial] = await db.execute<{ attempts: number }>(sql`
    ${countDenials(sql`select ${network}::text, ${country}::text, ${reason}::text`)} returning attempts`)
  return denial?.attempts === 1
}

/** Counts one denial for each row of `denials`: network, country and reason. */
export const countDenials = (denials: SQL): SQL => sql`
  insert into send_denials as denied (network, country, reason, hour, attempts)
  select *, date_trunc('hour', now()), 1 from (${denials}) as denial
  on conflict (network, country, reason, hour) do update set attempts = denied.attempts + 1`
