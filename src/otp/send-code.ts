import { sql } from 'drizzle-orm'
import { generateRandomInteger } from 'oslo/crypto'
import { RefusedError, UnavailableError } from '../errors.ts'
import { countryOf, readPhoneNumber } from '../input/phone-number.ts'
import { claimSend, returnSend, type SendClaim } from '../limits/claim-send.ts'
import type { Services } from '../services.ts'
import { holdRecovery } from '../sessions/open-recovery-session.ts'
import type { Session } from '../sessions/session.ts'
import type { SmsLanguage } from '../sms/code-sender.ts'
import { hashCode } from './hash-code.ts'

type Request = { session: Session; phoneNumber: string; language: SmsLanguage }

/** Sends a one-time code to the number that the session is about. The answer is when the next may be sent, in epoch milliseconds. */
export async function sendCode(services: Services, { session, phoneNumber, language }: Request): Promise<number> {
  const { codeSender } = services
  const { purpose, phoneNumberIndex } = session
  if (purpose === 'login' || !phoneNumberIndex) throw notItsNumber()
  const to = await findSpelling(services, { typed: phoneNumber, phoneNumberIndex })
  if (!to) throw notItsNumber()
  // Nobody has a use for it. It's not 401, upon which clients forget the session.
  if (session.verified) throw new RefusedError('conflict', 'the phone number is proved already')

  const hashes = await services.index.all('phone number', to)
  const claim = await claimSend(services, { hashes, country: countryOf(to) })
  const code = generateRandomInteger(1_000_000).toString().padStart(6, '0')
  const [codeHash = null] = await hashCode(services, session, code)
  const isHidden = purpose === 'recovery' && services.settings.hideAccounts
  if (!(await clearCode(services, session, claim, isHidden ? await makeDecoy(services) : null))) {
    await returnSend(services, claim)
    throw new RefusedError('unauthorized', 'the session is over')
  }
  const send = async () => {
    if (purpose === 'recovery' && !session.user) return
    const { reference } = await codeSender.send({ to, code, purpose, language, sentAt: claim.wait.at })
    await keepCode(services, session, claim, reference ? { reference } : { codeHash })
  }
  if (isHidden) {
    // After the answer, and with the wait charged however it ends: neither time nor status nor the next send tells a decoy.
    await holdRecovery(services, session)
    services.background(send, services.request?.id)
    return claim.wait.nextAt
  }
  try {
    await send()
  } catch (error) {
    if (error instanceof UnavailableError) await returnSend(services, claim)
    throw error
  }
  if (purpose === 'recovery') await holdRecovery(services, session)
  return claim.wait.nextAt
}

/**
 * What stands for the code of a hidden recovery until one was sent, and for good where none is. If the provider checks the codes it must be asked
 * about these too, since that takes time; where one of two does, if it was the last to send a code anywhere.
 */
async function makeDecoy({ db, codeSender }: Services): Promise<string | null> {
  if (!codeSender.decoyReference) return null
  const [last] = await db.execute<{ is_checked_by_provider: boolean }>(sql`
    select is_checked_by_provider from send_decisions where outcome = 'allowed' and is_checked_by_provider is not null
    order by created_at desc limit 1`)
  return codeSender.decoyReference(last?.is_checked_by_provider) ?? null
}

/**
 * Makes room for a session's new code: the one before isn't right any more. False: the session ended meanwhile. Its row is locked before the
 * code's, as by all that ends it or changes its id.
 */
async function clearCode(
  { db, settings }: Services,
  session: Session,
  { decisionId }: SendClaim,
  decoy: string | null,
): Promise<boolean> {
  const kept = await db.execute(sql`
    with live as (select id_hash from sessions where id_hash = ${session.idHash} for key share)
    insert into codes (session_id_hash, reference, decision_id, expires_at)
    select id_hash, ${decoy}::text, ${decisionId}, now() + make_interval(secs => ${settings.codes.lifetime}) from live
    on conflict (session_id_hash) do update
      set code_hash = null, reference = excluded.reference, decision_id = excluded.decision_id, tries = 0,
        expires_at = excluded.expires_at
    returning true`)
  return kept.length > 0
}

/** Not before the provider took the code: while it's down no send costs a wait, and codes that nobody has could be guessed without end. */
async function keepCode(
  { db }: Services,
  session: Session,
  { decisionId }: SendClaim,
  { codeHash = null, reference = null }: { codeHash?: string | null; reference?: string | null },
): Promise<void> {
  await db.execute(sql`
    with sent as (update send_decisions set is_checked_by_provider = ${reference !== null} where id = ${decisionId})
    update codes set code_hash = ${codeHash}::text, reference = ${reference}::text
    where session_id_hash = ${session.idHash}`)
}

/** The number that was typed, as it is stored: today's numbering plan may have another form of it. */
async function findSpelling(
  { index }: Services,
  { typed, phoneNumberIndex }: { typed: string; phoneNumberIndex: string },
): Promise<string | undefined> {
  for (const spelling of readPhoneNumber(typed)?.spellings ?? [])
    if ((await index.all('phone number', spelling)).includes(phoneNumberIndex)) return spelling
  return undefined
}

const notItsNumber = () => new RefusedError('unauthorized', 'the session is not about this phone number')
