import { and, eq } from 'drizzle-orm'
import { users } from '../db/schema.ts'
import { claimHash, type HashClaim, returnHash } from '../limits/claim-hash.ts'
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

/**
 * The user, as stored now, if the password is theirs. Tries are counted by phone number, wherever they are made; without a user it takes as
 * long and counts for `subject`. Refuses with the seconds left while blocked.
 */
export async function verifyPassword(services: Needed, attempt: Attempt): Promise<FoundUser | undefined> {
  const tried = await claimPasswordTry(services, attempt.subject)
  const right = await check(services, tried, attempt)
  if (tried.blockedSeconds && !(right && tried.isNetworkKnown)) throw tooManyTries(tried.blockedSeconds)
  if (!right || !attempt.user) return undefined
  await passPasswordTry(services, { ...tried, userId: attempt.user.id })
  return rehash(services, attempt.user, attempt.password)
}

/** A try that ends without an answer (too many passwords wait to be hashed, or come from the network) is none. */
async function check(services: Needed, tried: PasswordTry, { user, password }: Attempt): Promise<boolean> {
  let claim: HashClaim | undefined
  try {
    claim = await claimHash(services)
    const right = await services.passwords.verify(password, user?.passwordHash)
    if (right) await returnHash(services, claim)
    return right
  } catch (error) {
    await returnPasswordTry(services, tried)
    if (claim) await returnHash(services, claim)
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
