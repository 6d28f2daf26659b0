import { eq, sql } from 'drizzle-orm'
import { generateRandomInteger } from 'oslo/crypto'
import { countryOf, normalisePhoneNumber } from '../crypto/phone-number.ts'
import { codes } from '../db/schema.ts'
import { RefusedError, UnavailableError } from '../errors.ts'
import { claimSend, returnSend } from '../limits/claim-send.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import type { SmsLanguage } from '../sms/code-sender.ts'
import { hashCode } from './hash-code.ts'

type Request = { session: Session; phoneNumber: string; language: SmsLanguage }

/** Sends a one-time code to the number that the session is about. The answer is when the next may be sent, in epoch milliseconds. */
export async function sendCode(services: Services, { session, phoneNumber, language }: Request): Promise<number> {
  const { db, index, codeSender } = services
  const { purpose, phoneNumberIndex } = session
  if (purpose === 'login' || !phoneNumberIndex) throw notItsNumber()
  const to = normalisePhoneNumber(phoneNumber)
  if (!to || !(await index.all('phone number', to)).includes(phoneNumberIndex)) throw notItsNumber()

  const claim = await claimSend(services, { phoneNumberIndex, country: countryOf(to) })
  const code = generateRandomInteger(1_000_000).toString().padStart(6, '0')
  const [codeHash = null] = await hashCode(services, session, code)
  const isHidden = purpose === 'recovery' && services.settings.hideAccounts
  // A hidden recovery has it until a code was sent, or for good: a provider that checks codes is asked about it too, which takes time.
  const decoy = isHidden ? codeSender.decoyReference?.() : undefined
  if (!(await clearCode(services, session, decoy ?? null))) {
    await returnSend(services, claim)
    throw new RefusedError('unauthorized', 'the session is over')
  }
  const send = async () => {
    if (purpose === 'recovery' && !session.user) return
    const { reference } = await codeSender.send({ to, code, purpose, language, sentAt: claim.at })
    // Not before: while the provider is down no send costs a wait, and codes that nobody has could be guessed without end.
    await db
      .update(codes)
      .set(reference ? { reference } : { codeHash })
      .where(eq(codes.sessionIdHash, session.idHash))
  }
  if (isHidden) {
    // After the answer, and with the wait charged however it ends: neither time nor status nor the next send tells a decoy.
    services.background(send)
    return claim.nextAt
  }
  try {
    await send()
  } catch (error) {
    if (error instanceof UnavailableError) await returnSend(services, claim)
    throw error
  }
  return claim.nextAt
}

/**
 * Makes room for a session's new code: the one before isn't right any more. False: the session ended meanwhile. Its row is locked before the
 * code's, as by all that ends it or changes its id.
 */
async function clearCode({ db, settings }: Services, session: Session, decoy: string | null): Promise<boolean> {
  const kept = await db.execute(sql`
    with live as (select id_hash from sessions where id_hash = ${session.idHash} for key share)
    insert into codes (session_id_hash, reference, expires_at)
    select id_hash, ${decoy}::text, now() + make_interval(secs => ${settings.codes.lifetime}) from live
    on conflict (session_id_hash) do update
      set code_hash = null, reference = excluded.reference, tries = 0, expires_at = excluded.expires_at
    returning true`)
  return kept.length > 0
}

const notItsNumber = () => new RefusedError('unauthorized', 'the session is not about this phone number')
