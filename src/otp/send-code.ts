import { sql } from 'drizzle-orm'
import { generateRandomInteger } from 'oslo/crypto'
import { normalisePhoneNumber } from '../crypto/phone-number.ts'
import { codes } from '../db/schema.ts'
import { RefusedError, UnavailableError } from '../errors.ts'
import { claimSend, returnSend } from '../limits/claim-send.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import type { SmsLanguage } from '../sms/send-code.ts'
import { hashCode } from './hash-code.ts'

type Request = { session: Session; phoneNumber: string; language: SmsLanguage }

/** Sends a one-time code to the number that the session is about. The answer is when the next may be sent, in epoch milliseconds. */
export async function sendCode(services: Services, { session, phoneNumber, language }: Request): Promise<number> {
  const { db, index, codeSender } = services
  const { purpose, phoneNumberIndex } = session
  if (purpose === 'login' || !phoneNumberIndex) throw notItsNumber()
  const to = normalisePhoneNumber(phoneNumber)
  if (!to || !(await index.all('phone number', to)).includes(phoneNumberIndex)) throw notItsNumber()

  const claim = await claimSend(services, phoneNumberIndex)
  const code = generateRandomInteger(1_000_000).toString().padStart(6, '0')
  await keepCode(services, session, codeSender.check ? null : code)
  const isDecoy = purpose === 'recovery' && !session.user
  if (isDecoy) return claim.nextAt
  try {
    const { reference } = await codeSender.send({ to, code, purpose, language })
    if (reference) await db.update(codes).set({ reference }).where(sql`${codes.sessionIdHash} = ${session.idHash}`)
  } catch (error) {
    if (error instanceof UnavailableError) await returnSend(services, claim)
    throw error
  }
  return claim.nextAt
}

async function keepCode(services: Services, session: Session, code: string | null): Promise<void> {
  const kept = {
    codeHash: code && (await hashCode(services, session, code)),
    reference: null,
    tries: 0,
    expiresAt: sql`now() + make_interval(secs => ${services.settings.codes.lifetime})`,
  }
  await services.db
    .insert(codes)
    .values({ sessionIdHash: session.idHash, ...kept })
    .onConflictDoUpdate({ target: codes.sessionIdHash, set: kept })
}

const notItsNumber = () => new RefusedError('unauthorized', 'the session is not about this phone number')
