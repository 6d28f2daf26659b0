import { recordRefusal } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { readPhoneNumber } from '../input/phone-number.ts'
import { passTry } from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import { openLoginSession } from '../sessions/open-login-session.ts'
import { type FoundUser, findUser, findUserByNumber } from './find-user.ts'
import { tryPassword } from './verify-password.ts'

type Entered = { userId: string; token: string }

/** Opens a session for whoever knows a phone number and its password. An unknown number is answered as a wrong password, in the same time. */
export async function logIn(
  services: Services,
  { phoneNumber, ...attempt }: { phoneNumber: string; password: string; userAgent: string },
): Promise<Entered> {
  const typed = readPhoneNumber(phoneNumber)
  if (!typed) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  // All of it for everybody: what is done for unknown numbers only could be timed.
  const [user, hash] = await Promise.all([
    findUserByNumber(services, typed.spellings),
    services.index.of('phone number', typed.number),
  ])
  const subject = await trySubject(services, user, typed.number)
  const phoneNumberIndex = user ? undefined : hash
  return recordRefusal(services, { event: 'login', userId: user?.id, phoneNumberIndex }, () =>
    enter(services, { user, subject, ...attempt }),
  )
}

/** The same by uid. */
export async function logInByUserId(
  services: Services,
  { userId, ...attempt }: { userId: string; password: string; userAgent: string },
): Promise<Entered> {
  const user = await findUser(services, userId)
  const subject = await trySubject(services, user, userId)
  return recordRefusal(services, { event: 'login', userId: user?.id }, () =>
    enter(services, { user, subject, ...attempt }),
  )
}

/** What tries are counted by: an id that outlives a change of keys; without a user, what was given as one. */
async function trySubject({ index }: Pick<Services, 'index'>, user: FoundUser | undefined, given: string) {
  const decoy = await index.of('decoy', `tries ${given.toLowerCase()}`)
  return user?.id ?? decoy
}

type Attempt = { user: FoundUser | undefined; subject: string; password: string; userAgent: string }

async function enter(services: Services, { userAgent, ...attempt }: Attempt): Promise<Entered> {
  const entered = await tryPassword(services, attempt, async ({ id: userId, passwordHash }, tried) => {
    const token = await openLoginSession(services, { userId, passwordHash, userAgent, alongside: passTry(tried) })
    return token ? { userId, token } : undefined
  })
  if (!entered) throw new RefusedError('unauthorized', 'wrong phone number or password')
  return entered
}
