import { RefusedError } from '../errors.ts'
import { readPhoneNumber } from '../input/phone-number.ts'
import type { Services } from '../services.ts'
import { openSession } from '../sessions/open-session.ts'
import { decoyUserId } from './decoy-user-id.ts'
import { findUserByNumber } from './find-user.ts'

type Request = { phoneNumber: string; userAgent: string }

/** Opens a session in which a lost account's number can be proved. With HIDE_ACCOUNTS every number gets a uid made of it, with an account or without. */
export async function startRecovery(
  services: Services,
  { phoneNumber, userAgent }: Request,
): Promise<{ userId: string; token: string }> {
  const typed = readPhoneNumber(phoneNumber)
  if (!typed) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  // All of it for everybody: what is done for decoys only could be timed.
  const [user, decoyId, hash] = await Promise.all([
    findUserByNumber(services, typed.spellings),
    decoyUserId(services, typed.number),
    services.index.of('phone number', typed.number),
  ])
  if (!user && !services.settings.hideAccounts)
    throw new RefusedError('unauthorized', 'no account has this phone number')
  const userId = services.settings.hideAccounts ? decoyId : (user?.id ?? decoyId)
  const phoneNumberIndex = user?.phoneNumberIndex ?? hash
  const token = await openSession(services, {
    userId,
    accountId: user?.id,
    purpose: 'recovery',
    phoneNumberIndex,
    userAgent,
  })
  return { userId, token }
}
