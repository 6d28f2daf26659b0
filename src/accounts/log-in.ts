import { normalisePhoneNumber } from '../crypto/phone-number.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { openLoginSession } from '../sessions/open-login-session.ts'
import { decoyUserId } from './decoy-user-id.ts'
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
  const [user, decoyId] = await Promise.all([findUserByNumber(services, number), decoyUserId(services, number)])
  const subject = await trySubject(services, user, decoyId)
  return enter(services, { user, subject, ...attempt })
}

/** The same by uid. */
export async function logInByUserId(
  services: Services,
  { userId, ...attempt }: { userId: string; password: string; userAgent: string },
): Promise<Entered> {
  const user = await findUser(services, userId)
  const subject = await trySubject(services, user, userId)
  return enter(services, { user, subject, ...attempt })
}

/** What tries are counted by. Without a user a number and its decoy uid are one subject too, else a block would tell who has an account. */
const trySubject = async (
  { index }: Pick<Services, 'index'>,
  user: FoundUser | undefined,
  userId: string,
): Promise<string> => user?.phoneNumberIndex ?? (await index.of('decoy', userId.toLowerCase()))

type Attempt = { user: FoundUser | undefined; subject: string; password: string; userAgent: string }

async function enter(services: Services, { user, subject, password, userAgent }: Attempt): Promise<Entered> {
  const right = await verifyPassword(services, { user, subject, password })
  if (!user || !right) throw new RefusedError('unauthorized', 'wrong phone number or password')
  const token = await openLoginSession(services, { userId: user.id, passwordHash: user.passwordHash, userAgent })
  return { userId: user.id, token }
}
