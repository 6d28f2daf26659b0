import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'

/** A send of which one code may come: where it's asked from and where it would go. */
export type Send = { phoneNumberIndex: string; country: string; network: string | undefined }

export type DenialReason = 'wait' | 'country' | 'network_budget' | 'country_budget' | 'global_budget'

/** Ends a claim's transaction. `seconds`: until it may succeed; absent where the number's own wait tells. */
export class SendDenial extends Error {
  override readonly name = 'SendDenial'
  readonly reason: DenialReason
  readonly seconds: number | undefined

  constructor(reason: DenialReason, seconds?: number) {
    super(`no code is sent: ${reason}`)
    this.reason = reason
    this.seconds = seconds
  }
}

/**
 * Writes down that a code was denied; the answer is the seconds that the number must wait. Repetitions within the hour count up one row,
 * so that whoever is denied can't fill the database.
 */
export async function recordDenial(
  { db }: Pick<Services, 'db'>,
  { phoneNumberIndex, country, network = undefined }: Send,
  reason: DenialReason,
): Promise<number> {
  const [row] = await db.execute<{ seconds: number | null }>(sql`
    with again as (
      update send_decisions set attempts = attempts + 1 where id = (
        select id from send_decisions
        where phone_number_index = ${phoneNumberIndex} and created_at > now() - interval '1 hour'
          and outcome = 'denied' and reason = ${reason} and network is not distinct from ${network ?? null}::text
        limit 1)
      returning id
    ), first as (
      insert into send_decisions (country, network, phone_number_index, outcome, reason)
      select ${country}, ${network ?? null}, ${phoneNumberIndex}, 'denied', ${reason} where not exists (select from again)
    )
    select (select ceil(extract(epoch from next_at - now()))::int from code_waits
      where phone_number_index = ${phoneNumberIndex}) as seconds`)
  return row?.seconds ?? 1
}
