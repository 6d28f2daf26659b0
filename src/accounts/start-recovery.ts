import { RefusedError } from '../errors.ts'
import { readPhoneNumber } from '../input/phone-number.ts'
import { hashNetwork } from '../limits/claim-hash.ts'
import type { Services } from '../services.ts'
import { openRecoverySession } from '../sessions/open-recovery-session.ts'
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
  const spellings = [...new Set([typed.number, ...typed.spellings])]
  const [user, decoyId, hashes, network] = await Promise.all([
    findUserByNumber(services, typed.spellings),
    decoyUserId(services, typed.number),
    Promise.all(spellings.map((spelling) => services.index.all('phone number', spelling))),
    hashNetwork(services),
  ])
  if (!user && !services.settings.hideAccounts)
    throw new RefusedError('unauthorized', 'no account has this phone number')
  const userId = services.settings.hideAccounts ? decoyId : (user?.id ?? decoyId)
  // An account's own first, which may be of an older key: sends to one number are counted together.
  const phoneNumberHashes = [...new Set([...(user ? [user.phoneNumberIndex] : []), ...hashes.flat()])]
  const token = await openRecoverySession(services, {
    userId,
    accountId: user?.id,
    phoneNumberHashes,
    network,
    userAgent,
  })
  return { userId, token }
}
