import { normalisePhoneNumber } from '../crypto/phone-number.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { openSession } from '../sessions/open-session.ts'
import { decoyUserId } from './decoy-user-id.ts'
import { findUserByNumber } from './find-user.ts'

type Request = { phoneNumber: string; userAgent: string }

/** Opens a session in which a lost account's number can be proved. With HIDE_ACCOUNTS a number without one gets a decoy. */
export async function startRecovery(
  services: Services,
  { phoneNumber, userAgent }: Request,
): Promise<{ userId: string; token: string }> {
  const number = normalisePhoneNumber(phoneNumber)
  if (!number) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  const user = await findUserByNumber(services, number)
  if (!user && !services.settings.hideAccounts)
    throw new RefusedError('unauthorized', 'no account has this phone number')
  const userId = user?.id ?? (await decoyUserId(services, number))
  const phoneNumberIndex = user?.phoneNumberIndex ?? (await services.index.of('phone number', number))
  const token = await openSession(services, { userId, purpose: 'recovery', phoneNumberIndex, userAgent })
  return { userId, token }
}
