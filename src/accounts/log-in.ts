import { normalisePhoneNumber } from '../crypto/phone-number.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { openLoginSession } from '../sessions/open-login-session.ts'
import { type FoundUser, findUser, findUserByNumber } from './find-user.ts'
import { verifyPassword } from './verify-password.ts'

type Entered = { userId: string; token: string }

/** Opens a session for whoever knows a phone number and its password. An unknown number is answered as a wrong password, in the same time. */
export async function logIn(
  services: Services,
  { phoneNumber, ...attempt }: { phoneNumber: string; password: string; userAgent: string },
): Promise<Entered> {
  const number = normalisePhoneNumber(phoneNumber)
  if (!number) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  const [user, subject] = await Promise.all([
    findUserByNumber(services, number),
    services.index.of('phone number', number),
  ])
  return enter(services, { user, subject, ...attempt })
}

/** The same by uid. */
export async function logInByUserId(
  services: Services,
  { userId, ...attempt }: { userId: string; password: string; userAgent: string },
): Promise<Entered> {
  const user = await findUser(services, userId)
  const subject = user?.phoneNumberIndex ?? (await services.index.of('decoy', userId))
  return enter(services, { user, subject, ...attempt })
}

type Attempt = { user: FoundUser | undefined; subject: string; password: string; userAgent: string }

async function enter(services: Services, { user, subject, password, userAgent }: Attempt): Promise<Entered> {
  const right = await verifyPassword(services, { user, subject, password })
  if (!user || !right) throw new RefusedError('unauthorized', 'wrong phone number or password')
  const token = await openLoginSession(services, { userId: user.id, passwordHash: user.passwordHash, userAgent })
  return { userId: user.id, token }
}
