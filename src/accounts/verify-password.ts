import { and, eq } from 'drizzle-orm'
import { users } from '../db/schema.ts'
import {
  claimPasswordTry,
  type PasswordTry,
  passPasswordTry,
  returnPasswordTry,
  tooManyTries,
} from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import { type FoundUser, findUser } from './find-user.ts'

type Needed = Pick<Services, 'db' | 'passwords' | 'settings' | 'index' | 'request'>
type Attempt = { user: FoundUser | undefined; subject: string; password: string }

/** The owner of a right password, and the try that it took, which is still counted. */
type Verified = { owner: FoundUser; tried: PasswordTry }

/** The user, as stored now, if the password is theirs; as `tryPassword`. */
export async function verifyPassword(services: Needed, attempt: Attempt): Promise<FoundUser | undefined> {
  const verified = await tryPassword(services, attempt)
  if (!verified) return undefined
  await passPasswordTry(services, { ...verified.tried, userId: verified.owner.id })
  return verified.owner
}

/**
 * Looks at a password. Tries are counted by phone number, wherever they are made; without a user it takes as long and counts for `subject`. Refuses
 * with the seconds left while blocked. A right password's try stays counted until it is passed: by what the password was given for.
 */
export async function tryPassword(services: Needed, attempt: Attempt): Promise<Verified | undefined> {
  const { user, subject, password } = attempt
  const tried = await claimPasswordTry(services, subject)
  const right = await check(services, tried, attempt)
  if (tried.blockedSeconds && !(right && tried.isNetworkKnown)) throw tooManyTries(tried.blockedSeconds)
  const owner = right && user ? await rehash(services, user, password) : undefined
  return owner && { owner, tried }
}

/** A try that ends without an answer (too many passwords wait to be hashed) is none. */
async function check(services: Needed, tried: PasswordTry, { user, password }: Attempt): Promise<boolean> {
  try {
    return await services.passwords.verify(password, user?.passwordHash)
  } catch (error) {
    await returnPasswordTry(services, tried)
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
