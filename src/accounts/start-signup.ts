import { signups } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import { normalisePhoneNumber } from '../input/phone-number.ts'
import { claimHash } from '../limits/claim-hash.ts'
import type { Services } from '../services.ts'
import { openSignupSession } from '../sessions/open-signup-session.ts'
import { checkNewPassword } from './check-new-password.ts'
import { findUserByNumber } from './find-user.ts'

type NewSignup = { phoneNumber: string; countryCode?: string; name?: string; password: string; userAgent: string }

/** Keeps a sign-up until its number is proved, apart from any other sign-up for that number, and opens its session. */
export async function startSignup(services: Services, signup: NewSignup): Promise<{ userId: string; token: string }> {
  const { db, seal, index, passwords, settings } = services
  const phoneNumber = normalisePhoneNumber(signup.phoneNumber, signup.countryCode)
  if (!phoneNumber)
    throw new RefusedError('bad_request', 'not a phone number that can receive a code', { fields: ['phone_number'] })
  await checkNewPassword(services, signup.password, 'password')
  const known = await findUserByNumber(services, [phoneNumber])
  if (known && !settings.hideAccounts) throw new RefusedError('conflict', 'this phone number has an account')

  await claimHash(services)
  const id = crypto.randomUUID()
  // Sealed for the place that it moves to when the sign-up is finished.
  const place = (column: string) => ({ table: 'users', column, row: id, user: id })
  const [phoneNumberIndex, phoneNumberSealed, nameSealed, passwordHash] = await Promise.all([
    // An account's own, which may be of an older key: sends to one number are counted together.
    known?.phoneNumberIndex ?? index.of('phone number', phoneNumber),
    seal.seal(phoneNumber, place('phone_number')),
    signup.name ? seal.seal(signup.name, place('name')) : null,
    passwords.hash(signup.password),
  ])
  const token = await db.transaction(async (tx) => {
    await tx.insert(signups).values({ id, phoneNumberSealed, nameSealed, passwordHash })
    return openSignupSession({ db: tx, settings }, { userId: id, phoneNumberIndex, userAgent: signup.userAgent })
  })
  return { userId: id, token }
}
