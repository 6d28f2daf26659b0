import { eq } from 'drizzle-orm'
import { recordEvent, recordRefusal } from '../audit/record-event.ts'
import { sealContexts } from '../crypto/seal-contexts.ts'
import { RefusedError } from '../errors.ts'
import { normalisePhoneNumber } from '../input/phone-number.ts'
import { claimBeginning } from '../limits/claim-beginning.ts'
import { inTransaction } from '../postgres/database.ts'
import { signups } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { openSignupSession } from '../sessions/open-signup-session.ts'
import type { Session } from '../sessions/session.ts'
import { checkPasswordRules, refuseBreached } from './check-new-password.ts'
import { findUserByNumber } from './find-user.ts'

type NewSignup = {
  phoneNumber: string
  countryCode?: string
  name?: string
  password: string
  userAgent: string
  /** The live session that the browser has already. */
  current?: { session: Session; token: string }
}

type StartedSignup = { userId: string; token: string }
type Known = { phoneNumber: string; phoneNumberIndex: string }

/**
 * Keeps a sign-up until its number is proved, apart from any other sign-up for that number, and opens its session. Begun again in the same browser,
 * for the same number with the same password, it goes on: a code that was sent stays right.
 */
export async function startSignup(services: Services, signup: NewSignup): Promise<StartedSignup> {
  const { blindIndex, settings } = services
  const phoneNumber = normalisePhoneNumber(signup.phoneNumber, signup.countryCode)
  if (!phoneNumber)
    throw new RefusedError('bad_request', 'not a phone number that can receive codes', { fields: ['phone_number'] })
  await checkPasswordRules(signup.password, 'password')
  return recordRefusal(services, { event: 'signup' }, async () => {
    await claimBeginning(services, 'signups')
    await refuseBreached(services, signup.password, 'password')
    const known = await findUserByNumber(services, [phoneNumber])
    if (known && !settings.hideAccounts) {
      await recordEvent(services, { event: 'signup', outcome: 'refused', about: 'the number has an account' })
      throw new RefusedError('conflict', 'this phone number already has an account')
    }
    // An account's own, which may be of an older key: sends to one number are counted together.
    const phoneNumberIndex = known?.phoneNumberIndex ?? (await blindIndex.of('phone number', phoneNumber))
    return (
      (await resumeSignup(services, signup, phoneNumber)) ??
      createSignup(services, signup, { phoneNumber, phoneNumberIndex })
    )
  })
}

async function createSignup(
  services: Services,
  signup: NewSignup,
  { phoneNumber, phoneNumberIndex }: Known,
): Promise<StartedSignup> {
  const { seal, passwords } = services
  const id = crypto.randomUUID()
  const [phoneNumberSealed, nameSealed, passwordHash] = await Promise.all([
    seal.seal(phoneNumber, sealContexts.phoneNumber(id)),
    signup.name ? seal.seal(signup.name, sealContexts.name(id)) : null,
    passwords.hash(signup.password),
  ])
  const token = await inTransaction(services, async (within) => {
    await within.db.insert(signups).values({ id, phoneNumberSealed, nameSealed, passwordHash })
    return openSignupSession(within, { userId: id, phoneNumberIndex, userAgent: signup.userAgent })
  })
  return { userId: id, token }
}

async function resumeSignup(
  services: Services,
  signup: NewSignup,
  phoneNumber: string,
): Promise<StartedSignup | undefined> {
  const { db, blindIndex, passwords, seal } = services
  const { session, token } = signup.current ?? {}
  if (!token || session?.purpose !== 'signup') return undefined
  if (!(await blindIndex.all('phone number', phoneNumber)).includes(session.phoneNumberIndex ?? '')) return undefined
  const { userId } = session
  const isIts = eq(signups.id, userId)
  const [pending] = await db.select({ passwordHash: signups.passwordHash }).from(signups).where(isIts)
  if (!pending || !(await passwords.verify(signup.password, pending.passwordHash))) return undefined
  if (signup.name) {
    const nameSealed = await seal.seal(signup.name, sealContexts.name(userId))
    await db.update(signups).set({ nameSealed }).where(isIts)
  }
  return { userId, token }
}
