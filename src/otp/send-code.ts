import { sql } from 'drizzle-orm'
import { RefusedError, UnavailableError } from '../errors.ts'
import { countryOf, readPhoneNumber } from '../input/phone-number.ts'
import { claimSend, type ReserveClaim, returnSend, type SendClaim } from '../limits/claim-send.ts'
import { isKnownNetwork } from '../limits/networks.ts'
import type { Services } from '../services.ts'
import { holdRecovery } from '../sessions/open-recovery-session.ts'
import type { Session } from '../sessions/session.ts'
import type { SmsLanguage } from '../sms/code-sender.ts'
import { hashCode, newCode } from './hash-code.ts'
import { storeHiddenSend } from './hidden-sends.ts'

type SendCodeInput = { session: Session; phoneNumber: string; language: SmsLanguage }

/** Sends a one-time code to the number that the session is about. The answer is when the next may be sent, in epoch milliseconds. */
export async function sendCode(services: Services, { session, phoneNumber, language }: SendCodeInput): Promise<number> {
  const { purpose, phoneNumberIndex } = session
  if (purpose === 'login' || !phoneNumberIndex) throw wrongNumber()
  // The one that all its spellings mean, also where an account is stored under another: else the answers would tell of the account.
  const to = readPhoneNumber(phoneNumber)?.number
  const hashes = to ? await services.blindIndex.all('phone number', to) : []
  if (!to || !hashes.includes(phoneNumberIndex)) throw wrongNumber()
  // Nobody has a use for it. It's not 401, upon which clients forget the session.
  if (session.verified) throw new RefusedError('conflict', 'the phone number is already verified')

  const isHidden = purpose === 'recovery' && services.settings.hideAccounts
  const claim = await claimSend(services, { hashes, country: countryOf(to) }, reservesFor(services, session, isHidden))
  const code = newCode()
  const [codeHash = null] = await hashCode(services, session, code)
  if (!(await clearCode(services, session, claim, isHidden ? await makeDecoy(services) : null))) {
    await returnSend(services, claim)
    throw new RefusedError('unauthorized', 'the session has ended')
  }
  if (isHidden) {
    // After the answer, and with the wait charged however it ends: neither time nor status nor the next send tells a decoy.
    await holdRecovery(services, session)
    await storeHiddenSend(services, { session, claim, to, language })
    if (claim.refusal) throw claim.refusal
    return claim.nextAt
  }
  try {
    const { reference } = await services.codeSender.send({ to, code, purpose, language, sentAt: claim.at })
    await keepCode(services, session, claim, reference ? { reference } : { codeHash })
  } catch (error) {
    if (error instanceof UnavailableError) await returnSend(services, claim)
    throw error
  }
  if (purpose === 'recovery') await holdRecovery(services, session)
  return claim.nextAt
}

/**
 * What a recovery may still be sent by when strangers have used up a number's waits or a budget. With HIDE_ACCOUNTS nobody may learn from which
 * networks an account's owner comes: then everybody is answered as strangers are, and whether the network is known is found out afterwards.
 */
function reservesFor(services: Services, session: Session, isHidden: boolean): ReserveClaim[] {
  if (session.purpose !== 'recovery') return []
  const captcha: ReserveClaim = { reserve: 1, holds: () => session.solvedCaptcha }
  const known: ReserveClaim = { reserve: 2, holds: () => isKnownNetwork(services, session.user?.id) }
  return isHidden ? [captcha, { ...known, holds: () => true, isSecret: true }] : [known, captcha]
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

const wrongNumber = () => new RefusedError('unauthorized', 'the session is for another phone number')
