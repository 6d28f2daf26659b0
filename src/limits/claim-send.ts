import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import { inTransaction } from '../postgres/database.ts'
import type { Services } from '../services.ts'
import { claimWait, returnWait, type WaitClaim, waitLeft, waitsUntil } from './claim-wait.ts'
import { decideSend, findDenial } from './decide-send.ts'
import { countedNetwork } from './networks.ts'
import { countDenials, recordDenial } from './record-denial.ts'
import type { DenialReason, Reserve, Send } from './send-budgets.ts'

/** The right to send a number a code at `at`; the next may be sent at `nextAt`. Both in epoch milliseconds. */
export type SendClaim = {
  decisionId: number
  at: number
  nextAt: number
  /** The number's own; absent where it isn't over, and the code comes from a reserve. */
  wait?: WaitClaim
  /** To be answered in place of saying that a code is sent. */
  refusal?: RefusedError
}

/** Who may be sent a code although others have used up the number's waits, or a budget. */
export type ReserveClaim = { reserve: Reserve; holds: () => boolean | Promise<boolean>; isSecret?: boolean }

type Needed = Pick<Services, 'db' | 'settings' | 'request' | 'log' | 'observer'>

/** Ends a claim's transaction. `seconds`: until another may succeed; absent where none will. */
class SendDenial extends Error {
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
 * Claims the right to send a number its next code, or refuses with the seconds left: the number must have waited, its country be one that is
 * sent to, and no budget be spent. Of parallel claims on one number one wins; what is refused costs the number no wait.
 */
export async function claimSend(
  services: Needed,
  to: Omit<Send, 'network'>,
  reserves: readonly ReserveClaim[] = [],
): Promise<SendClaim> {
  const send = { ...to, network: countedNetwork(services) }
  try {
    refuseCountry(services, send.country)
    return await claim(services, send)
  } catch (error) {
    if (!(error instanceof SendDenial)) throw error
    const { reason, seconds } = error
    if (reason === 'country') {
      await reportDenial(services, send, reason)
      throw new RefusedError('bad_request', 'codes are not sent to this country')
    }
    const message = reason === 'wait' ? 'a code was sent to this number recently' : 'too many codes were sent'
    const refusal = new RefusedError('too_many_requests', message, { retryAfterSeconds: Math.max(1, seconds ?? 1) })
    for (const { reserve, holds, isSecret } of reserves) {
      const reserved = (await holds()) ? await claimReserve(services, send, reserve) : undefined
      if (!reserved) continue
      if (!isSecret) return reserved
      await reportDenial(services, send, reason)
      return { ...reserved, refusal }
    }
    await reportDenial(services, send, reason)
    throw refusal
  }
}

/** Numbers of no place are sent to only where that is said. */
function refuseCountry({ settings }: Needed, country: string): void {
  const { allowedCountries, deniedCountries } = settings.sends
  const isAllowed = allowedCountries?.includes(country) ?? country !== 'ZZ'
  if (!isAllowed || deniedCountries.includes(country)) throw new SendDenial('country')
}

async function claim(services: Needed, send: Send): Promise<SendClaim> {
  const { settings } = services
  const waiting = { kind: 'sms', hashes: send.hashes } as const
  // First without a lock: a flood of requests that are denied holds up nobody.
  const { learnt, denial } = await findDenial(services, send, waitsUntil(waiting))
  if (denial) throw new SendDenial(denial.reason, denial.seconds)
  return inTransaction(services, async (within) => {
    const wait = await claimWait(within, waiting, settings.codes.resendWaits)
    if (!wait) throw new SendDenial('wait', await waitLeft(within, waiting))
    const decision = await decideSend(within, { ...send, hash: wait.hash }, { learnt })
    if (typeof decision !== 'number') throw new SendDenial(decision.reason, decision.seconds)
    return { wait, decisionId: decision, at: wait.at, nextAt: wait.nextAt }
  })
}

/**
 * The same where others have used up the number's waits or a budget: by waits of the network's own, which count what it was sent to the number in a
 * day, and within `reserve`. The number's waits stay as they are.
 */
async function claimReserve(services: Needed, send: Send, reserve: Reserve): Promise<SendClaim | undefined> {
  const { settings } = services
  const [hash = ''] = send.hashes
  const waits = sql`(array[${sql.join(
    settings.codes.resendWaits.map((wait) => sql`${wait}::int`),
    sql`, `,
  )}])`
  const { length } = settings.codes.resendWaits
  const endOfWait = sql`
    (select max(created_at) + make_interval(secs => ${waits}[((count(*) - 1) % ${length}::int)::int + 1]) from send_decisions
    where phone_number_index in ${send.hashes} and network is not distinct from ${send.network ?? null}::text
      and outcome = 'allowed' and created_at > now() - interval '1 day')`
  return inTransaction(services, async (within) => {
    const { learnt } = await findDenial(within, send, sql`null::timestamptz`)
    const wait = sql`(select ends_at from (select ${endOfWait} as ends_at) as own where ends_at > now())`
    const decisionId = await decideSend(within, { ...send, hash }, { learnt, reserve, wait })
    if (typeof decisionId !== 'number') return undefined
    const [next] = await within.db.execute<{ at: number; ends_at: number }>(sql`
      select extract(epoch from now())::float8 * 1000 as at, extract(epoch from ${endOfWait})::float8 * 1000 as ends_at`)
    return { decisionId, at: next?.at ?? Date.now(), nextAt: Math.ceil(next?.ends_at ?? Date.now()) }
  })
}

/** The log has a line for the first of an hour's; impatient people are no news. */
async function reportDenial(services: Needed, send: Send, reason: DenialReason): Promise<void> {
  const { log, observer, request } = services
  const { country } = send
  observer.denied({ country, reason })
  const isFirst = await recordDenial(services, send, reason)
  const denial = { requestId: request?.id, country, reason }
  if (isFirst && reason !== 'wait') log.info('code denied', denial)
  else log.debug?.('code denied', denial)
}

/** Gives a claim back when its code couldn't be sent: the next send needn't wait, and no budget counts it. */
export async function returnSend({ db }: Pick<Services, 'db'>, { wait, decisionId }: SendClaim): Promise<void> {
  await db.execute(sql`
    with unsent as (
      delete from send_decisions where id = ${decisionId} returning coalesce(network, '') as network, country
    )
    ${countDenials(sql`select network, country, 'unsent' from unsent`)}`)
  if (wait) await returnWait({ db }, wait)
}
