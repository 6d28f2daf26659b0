import { and, eq } from 'drizzle-orm'
import { users } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import {
  claimPasswordTry,
  type PasswordTry,
  passPasswordTry,
  returnPasswordTry,
  tooManyTries,
} from '../limits/claim-password-try.ts'
import { forgetKnownNetworks } from '../limits/known-network.ts'
import type { Services } from '../services.ts'
import { type FoundUser, findUser } from './find-user.ts'

type Needed = Pick<Services, 'db' | 'passwords' | 'settings' | 'index' | 'request'>
type Attempt = { user: FoundUser | undefined; subject: string; password: string }

/** What a right password is for. It passes the try, and answers nothing if the password is the user's no more. */
type GoOn<Done> = (owner: FoundUser, tried: PasswordTry) => Promise<Done | undefined>

/** The user, as stored now, if the password is theirs; as `tryPassword`. */
export const verifyPassword = (services: Needed, attempt: Attempt): Promise<FoundUser | undefined> =>
  tryPassword(services, attempt, async (owner, tried) => {
    const { id: userId, passwordHash } = owner
    return (await passPasswordTry(services, { tried, userId, passwordHash })) ? owner : undefined
  })

/**
 * Looks at a password, and goes on if it is right. Tries are counted by phone number, wherever they are made; without a user it takes as long and
 * counts for `subject`. Refuses with the seconds left while blocked.
 */
export async function tryPassword<Done>(
  services: Needed,
  { user, subject, password }: Attempt,
  goOn: GoOn<Done>,
): Promise<Done | undefined> {
  const tried = await claimPasswordTry(services, subject)
  try {
    const right = await services.passwords.verify(password, user?.passwordHash)
    if (tried.blockedSeconds && !(right && tried.isNetworkKnown)) throw tooManyTries(tried.blockedSeconds)
    if (!right || !user) return undefined
    const owner = await rehash(services, user, password)
    const done = owner && (await goOn(owner, tried))
    // Of a user who is gone meanwhile nothing is kept.
    if (done === undefined && !(await findUser(services, user.id))) await forgetKnownNetworks(services, subject)
    return done
  } catch (error) {
    // One that ends without an answer (too many passwords wait to be hashed, the database is away) is none.
    if (!(error instanceof RefusedError)) await returnPasswordTry(services, tried)
    throw error
  }
}

/** Hashes a right password anew where its hash is of less than today's cost. Of parallel logins one does; the others go by what it stored. */
async function rehash(services: Needed, user: FoundUser, password: string): Promise<FoundUser | undefined> {
  const { db, passwords } = services
  if (!passwords.isOutdated?.(user.passwordHash)) return user
  const passwordHash = await passwords.hash(password)
  const stored = await db
    .update(users)
    .set({ passwordHash })
    .where(and(eq(users.id, user.id), eq(users.passwordHash, user.passwordHash)))
    .returning({ id: users.id })
  if (stored.length > 0) return { ...user, passwordHash }
  const now = await findUser(services, user.id)
  return now && (await passwords.verify(password, now.passwordHash)) ? now : undefined
}
