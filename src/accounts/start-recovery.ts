import { normalisePhoneNumber } from '../crypto/phone-number.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { openSession } from '../sessions/open-session.ts'
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

/** The same number always gets the same uid, which looks like any other (UUID version 4). */
async function decoyUserId({ index }: Pick<Services, 'index'>, phoneNumber: string): Promise<string> {
  const hash = await index.of('decoy', phoneNumber)
  const bytes = Uint8Array.from(atob(hash.replaceAll('-', '+').replaceAll('_', '/')).slice(0, 16), (byte) =>
    byte.charCodeAt(0),
  )
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
