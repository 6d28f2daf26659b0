import { recordRefusal } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { readPhoneNumber } from '../input/phone-number.ts'
import { returnCount } from '../limits/claim-count.ts'
import { claimNetworkTry } from '../limits/claim-network-try.ts'
import { claimPasswordTry, type Subject, settlementCtes } from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import { openLoginSession } from '../sessions/open-login-session.ts'
import { checkPassword } from './check-password.ts'
import { type FoundUser, findUser, findUserByNumber } from './find-user.ts'
import { subjectOfNumber, subjectOfUserId } from './password-subject.ts'

type LoggedIn = { userId: string; token: string }

/** `isHuman`: a captcha was solved, which gives a network more tries. */
type Login = { password: string; userAgent: string; isHuman: boolean }

/** Opens a session for whoever knows a phone number and its password. An unknown number is answered as a wrong password, in the same time. */
export async function logIn(
  services: Services,
  { phoneNumber, ...login }: Login & { phoneNumber: string },
): Promise<LoggedIn> {
  const typed = readPhoneNumber(phoneNumber)
  if (!typed) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  return attemptLogin(services, login, async () => {
    // All of it for everybody: what is done for unknown numbers only could be timed.
    const [user, subject, hash] = await Promise.all([
      findUserByNumber(services, typed.spellings),
      subjectOfNumber(services, typed.number),
      services.blindIndex.of('phone number', typed.number),
    ])
    return { user, subject, phoneNumberIndex: user ? undefined : hash }
  })
}

/** The same by uid. */
export async function logInByUserId(
  services: Services,
  { userId, ...login }: Omit<Login, 'isHuman'> & { userId: string },
): Promise<LoggedIn> {
  return attemptLogin(services, { ...login, isHuman: false }, async () => {
    const user = await findUser(services, userId)
    return { user, subject: await subjectOfUserId(services, userId, user) }
  })
}

type Found = { user: FoundUser | undefined; subject: Subject; phoneNumberIndex?: string | undefined }

/** The network is counted before it is looked up who is meant: a network whose tries are used up finds out nothing, and leaves nothing. */
async function attemptLogin(services: Services, login: Login, find: () => Promise<Found>): Promise<LoggedIn> {
  const network = await claimNetworkTry(services, login)
  const found = await find().catch(async (error: unknown) => {
    if (!network.refusal) await returnCount(services, network.count)
    throw error
  })
  const { user, subject, phoneNumberIndex } = found
  const recorded = network.refusal
    ? ({ event: 'login', about: 'network' } as const)
    : ({ event: 'login', userId: user?.id, phoneNumberIndex } as const)
  return recordRefusal(services, recorded, async () => {
    const tried = await claimPasswordTry(services, { subject, userId: user?.id }, network)
    const loggedIn = await checkPassword(
      services,
      { user, password: login.password, tried },
      async ({ id: userId, passwordHash }) => {
        const settlement = await settlementCtes(services, tried, userId)
        const { userAgent } = login
        const token = await openLoginSession(services, { userId, passwordHash, userAgent, settlement })
        return token ? { userId, token } : undefined
      },
    )
    if (!loggedIn) throw new RefusedError('unauthorized', 'wrong phone number or password')
    return loggedIn
  })
}
