import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { countedNetwork } from './counted-network.ts'
import { decideSend } from './decide-send.ts'
import { type DenialReason, recordDenial, SendDenial } from './record-denial.ts'

/** One sending of a code to a number, at `at`. `nextAt`: when the next is allowed. Both in epoch milliseconds. */
export type SendClaim = { phoneNumberIndex: string; sends: number; at: number; nextAt: number; decisionId: number }

type Needed = Pick<Services, 'db' | 'settings' | 'request' | 'log' | 'observer'>

/**
 * Claims the right to send a number its next code, or refuses with the seconds left: the number must have waited, its country be one that is
 * sent to, and a day's budgets not be spent. Of parallel claims on one number one wins; what is refused costs the number no wait.
 */
export async function claimSend(
  services: Needed,
  { phoneNumberIndex, country }: { phoneNumberIndex: string; country: string },
): Promise<SendClaim> {
  const network = countedNetwork(services)
  const send = { phoneNumberIndex, country, network }
  try {
    refuseCountry(services, country)
    return await services.db.transaction(async (tx) => {
      const claim = await claimWait({ ...services, db: tx }, phoneNumberIndex)
      const decisionId = await decideSend({ ...services, db: tx }, send)
      return { phoneNumberIndex, ...claim, decisionId }
    })
  } catch (error) {
    if (!(error instanceof SendDenial)) throw error
    tellDenial(services, country, error.reason)
    const waitSeconds = await recordDenial(services, send, error.reason)
    if (error.reason === 'country') throw new RefusedError('bad_request', 'no codes are sent to this country')
    const inTime =
      error.reason === 'wait' ? 'a code was sent to this number a short time ago' : 'too many codes were sent'
    throw new RefusedError('too_many_requests', inTime, {
      retryAfterSeconds: Math.max(1, error.seconds ?? waitSeconds),
    })
  }
}

/** Impatient people are no news. */
function tellDenial({ log, observer, request }: Needed, country: string, reason: DenialReason): void {
  observer.denied({ country, reason })
  const denial = { requestId: request?.id, country, reason }
  if (reason === 'wait') log.debug?.('code denied', denial)
  else log.info('code denied', denial)
}

function refuseCountry({ settings }: Needed, country: string): void {
  const { allowedCountries, deniedCountries } = settings.sends
  if (deniedCountries.includes(country) || allowedCountries?.includes(country) === false)
    throw new SendDenial('country')
}

/** The waits are taken in turn and then begin again; a number left alone for a day after its last wait begins anew. */
async function claimWait(
  { db, settings }: Needed,
  phoneNumberIndex: string,
): Promise<{ sends: number; at: number; nextAt: number }> {
  const waits = sql`array[${sql.join(
    settings.codes.resendWaits.map((wait) => sql`${wait}::int`),
    sql`, `,
  )}]`
  const [claim] = await db.execute<{ sends: number; at: number; next_at: number }>(sql`
    insert into code_waits as known (phone_number_index, sends, next_at)
    values (${phoneNumberIndex}, 1, now() + make_interval(secs => (${waits})[1]))
    on conflict (phone_number_index) do update set
      sends = case when known.next_at < now() - interval '1 day' then 1 else known.sends + 1 end,
      next_at = now() + make_interval(secs => (${waits})[
        case when known.next_at < now() - interval '1 day' then 1 else known.sends % cardinality(${waits}) + 1 end])
    where known.next_at <= now()
    returning sends, (extract(epoch from now()) * 1000)::float8 as at, (extract(epoch from next_at) * 1000)::float8 as next_at`)
  if (!claim) throw new SendDenial('wait')
  return { sends: claim.sends, at: claim.at, nextAt: Math.ceil(claim.next_at) }
}

/** Gives a claim back when its code couldn't be sent: the next send needn't wait, and no budget counts it. */
export async function returnSend(
  { db }: Pick<Services, 'db'>,
  { phoneNumberIndex, sends, decisionId }: SendClaim,
): Promise<void> {
  await db.execute(sql`
    with unsent as (update send_decisions set outcome = 'denied', reason = 'unsent' where id = ${decisionId})
    update code_waits set sends = sends - 1, next_at = now()
    where phone_number_index = ${phoneNumberIndex} and sends = ${sends}`)
}
