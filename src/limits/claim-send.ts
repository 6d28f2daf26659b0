import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'

/** One sending of a code to a number. `nextAt`: epoch milliseconds when the next is allowed. */
export type SendClaim = { phoneNumberIndex: string; sends: number; nextAt: number }

/**
 * Claims the right to send a number its next code, or refuses with the seconds left. Of parallel claims one wins.
 * The waits are taken in turn and then begin again; a number left alone for a day after its last wait begins anew.
 */
export async function claimSend(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  phoneNumberIndex: string,
): Promise<SendClaim> {
  const waits = sql`array[${sql.join(
    settings.codes.resendWaits.map((wait) => sql`${wait}::int`),
    sql`, `,
  )}]`
  const [claim] = await db.execute<{ sends: number; next_at: number }>(sql`
    insert into code_waits as known (phone_number_index, sends, next_at)
    values (${phoneNumberIndex}, 1, now() + make_interval(secs => (${waits})[1]))
    on conflict (phone_number_index) do update set
      sends = case when known.next_at < now() - interval '1 day' then 1 else known.sends + 1 end,
      next_at = now() + make_interval(secs => (${waits})[
        case when known.next_at < now() - interval '1 day' then 1 else known.sends % cardinality(${waits}) + 1 end])
    where known.next_at <= now()
    returning sends, (extract(epoch from next_at) * 1000)::float8 as next_at`)
  if (claim) return { phoneNumberIndex, sends: claim.sends, nextAt: Math.ceil(claim.next_at) }
  throw new RefusedError('too_many_requests', 'a code was sent to this number a short time ago', {
    retryAfterSeconds: await secondsLeft({ db }, phoneNumberIndex),
  })
}

/** Gives a claim back when its code couldn't be sent: the next send needn't wait. */
export async function returnSend({ db }: Pick<Services, 'db'>, { phoneNumberIndex, sends }: SendClaim): Promise<void> {
  await db.execute(sql`
    update code_waits set sends = sends - 1, next_at = now()
    where phone_number_index = ${phoneNumberIndex} and sends = ${sends}`)
}

async function secondsLeft({ db }: Pick<Services, 'db'>, phoneNumberIndex: string): Promise<number> {
  const [row] = await db.execute<{ seconds: number }>(sql`
    select ceil(extract(epoch from next_at - now()))::int as seconds
    from code_waits where phone_number_index = ${phoneNumberIndex}`)
  return Math.max(1, row?.seconds ?? 1)
}
