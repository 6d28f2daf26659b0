import { recordRefusal } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { readPhoneNumber, type TypedNumber } from '../input/phone-number.ts'
import { claimBeginning } from '../limits/claim-beginning.ts'
import { hashNetwork } from '../limits/networks.ts'
import type { Services } from '../services.ts'
import { openRecoverySession } from '../sessions/open-recovery-session.ts'
import { decoyUserId, findUserByNumber } from './find-user.ts'

type StartRecoveryInput = { phoneNumber: string; userAgent: string }
type StartedRecovery = { userId: string; token: string }

/**
 * Opens a session in which a lost account's number can be proved. With HIDE_ACCOUNTS every number gets a uid made of it, with an account or without;
 * otherwise an unknown number is refused, which is how often a network may ask. What was refused is in the audit trail without the number.
 */
export async function startRecovery(services: Services, input: StartRecoveryInput): Promise<StartedRecovery> {
  const typed = readPhoneNumber(input.phoneNumber)
  if (!typed) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  return recordRefusal(services, { event: 'recovery' }, async () => {
    await claimBeginning(services, 'recoveries')
    return openRecovery(services, typed, input.userAgent)
  })
}

async function openRecovery(services: Services, typed: TypedNumber, userAgent: string): Promise<StartedRecovery> {
  // All of it for everybody: what is done for decoys only could be timed.
  const [user, decoyId, hashes, network] = await Promise.all([
    findUserByNumber(services, typed.spellings),
    decoyUserId(services, typed.number),
    services.blindIndex.all('phone number', typed.number),
    hashNetwork(services),
  ])
  services.observer.recovery(user ? 'account' : 'unknown')
  if (!user && !services.settings.hideAccounts)
    throw new RefusedError('unauthorized', 'no account has this phone number')
  const userId = services.settings.hideAccounts ? decoyId : (user?.id ?? decoyId)
  const token = await openRecoverySession(services, {
    userId,
    accountId: user?.id,
    phoneNumberHashes: hashes,
    network,
    userAgent,
    // Whoever gets here has solved one, where one is set.
    solvedCaptcha: services.captcha !== undefined,
  })
  return { userId, token }
}
