import { sql } from 'drizzle-orm'
import { sealContexts } from '../crypto/seal-contexts.ts'
import { UnavailableError } from '../errors.ts'
import type { SendClaim } from '../limits/claim-send.ts'
import { isKnownNetwork } from '../limits/networks.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { joinUser } from '../sessions/session.ts'
import type { SmsLanguage } from '../sms/code-sender.ts'
import { hashCode, newCode } from './hash-code.ts'

const batch = 10
/** A send whose runner died is tried again after so many seconds: longer than any provider may take. */
const holdSeconds = 60
const maxAttempts = 3

type HiddenSend = { session: Session; claim: SendClaim; to: string; language: SmsLanguage }

/** Keeps what a code of a hidden recovery needs to be sent after the answer: the same for a number without an account. */
export async function storeHiddenSend(
  { db, seal, request, wakeJobs }: Services,
  { session, claim, to, language }: HiddenSend,
): Promise<void> {
  const id = crypto.randomUUID()
  const numberSealed = await seal.seal(to, sealContexts.hiddenSend(id))
  await db.execute(sql`
    insert into hidden_sends (id, session_id_hash, decision_id, number_sealed, language, only_known, network, request_id)
    values (${id}, ${session.idHash}, ${claim.decisionId}, ${numberSealed}, ${language}, ${claim.refusal !== undefined},
      ${request?.network ?? null}::text, ${request?.id ?? null}::text)`)
  wakeJobs('in a while')
}

type Job = {
  id: string
  session_id_hash: string
  decision_id: string
  number_sealed: string
  language: SmsLanguage
  only_known: boolean
  network: string | null
  request_id: string | null
  attempts: number
}

/**
 * Sends the codes of hidden recoveries; the answer is how many rows were taken up. Any number of instances may run it at once. One whose runner died
 * is tried again, as long as its code lives; should the SMS have gone out before, a second one brings the code that is right.
 */
export async function runHiddenSends(services: Services): Promise<number> {
  const { db, log, observer } = services
  const due = await db.execute<Job>(sql`
    update hidden_sends set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => ${holdSeconds})
    where id in (
      select id from hidden_sends where next_attempt_at <= now()
      order by next_attempt_at limit ${batch} for update skip locked)
    returning id, session_id_hash, decision_id, number_sealed, language, only_known, network, request_id, attempts`)
  await Promise.all(
    due.map(async (job) => {
      const request = job.request_id ? { requestId: job.request_id } : {}
      try {
        await observer.step({ kind: 'job', job: 'code', ...request }, () => sendHidden(services, job))
      } catch (error) {
        const isLast = !(error instanceof UnavailableError) || job.attempts >= maxAttempts
        log.warn(isLast ? 'a code could not be sent' : 'a code could not be sent, will retry', {
          ...request,
          attempt: job.attempts,
          reason: error instanceof Error ? error.name : 'unknown',
        })
        await (isLast ? finish(services, job, {}) : putOff(services, job))
      }
    }),
  )
  return due.length
}

/** All of it for everybody, but for the provider: others would hear from the server what is done for accounts only. */
async function sendHidden(services: Services, job: Job): Promise<void> {
  const { db, seal, codeSender } = services
  const to = await seal.open(job.number_sealed, sealContexts.hiddenSend(job.id))
  const [live] = await db.execute<{ account_id: string | null; at: number }>(sql`
    select users.id as account_id, extract(epoch from now())::float8 * 1000 as at
    from codes join sessions on sessions.id_hash = codes.session_id_hash ${joinUser}
    where codes.session_id_hash = ${job.session_id_hash} and decision_id = ${job.decision_id}
      and codes.expires_at > now() and purpose = 'recovery' and verified_at is null`)
  const request = { id: job.request_id ?? '', network: job.network ?? undefined }
  const isKnown = await isKnownNetwork({ ...services, request }, live?.account_id ?? undefined)
  const code = newCode()
  const [codeHash = ''] = await hashCode(services, { purpose: 'recovery', idHash: job.session_id_hash }, code)
  if (!live?.account_id || (job.only_known && !isKnown)) return finish(services, job, {})
  const message = { to, code, purpose: 'recovery', language: job.language, sentAt: live.at } as const
  const { reference } = await codeSender.send(message)
  await finish(services, job, reference ? { reference } : { codeHash })
}

type Sent = { codeHash?: string; reference?: string }

/** Forgets the number. What was not sent to it, from a network that its owner doesn't know, doesn't count for it. */
async function finish({ db }: Services, job: Job, { codeHash, reference }: Sent): Promise<void> {
  const isSent = codeHash !== undefined || reference !== undefined
  await db.execute(sql`
    with gone as (delete from hidden_sends where id = ${job.id}), decided as (
      update send_decisions set
        is_checked_by_provider = case when ${isSent}::boolean then ${reference !== undefined}::boolean else is_checked_by_provider end,
        phone_number_index = case when ${isSent}::boolean or not ${job.only_known}::boolean then phone_number_index end
      where id = ${job.decision_id}
    )
    update codes set code_hash = case when ${isSent}::boolean then ${codeHash ?? null}::text else code_hash end,
      reference = case when ${isSent}::boolean then ${reference ?? null}::text else reference end
    where session_id_hash = ${job.session_id_hash} and decision_id = ${job.decision_id}`)
}

/** The code must still be of use when it comes. */
async function putOff({ db }: Services, { id, attempts }: Job): Promise<void> {
  await db.execute(sql`
    update hidden_sends set next_attempt_at = now() + make_interval(secs => ${5 * 3 ** attempts}) where id = ${id}`)
}
