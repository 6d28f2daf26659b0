import { and, eq } from 'drizzle-orm'
import { users } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import {
  claimPasswordTry,
  clearPasswordTries,
  type PasswordTry,
  passPasswordTry,
  returnPasswordTry,
  tooManyTries,
} from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import { type FoundUser, findUser } from './find-user.ts'

type Needed = Pick<Services, 'db' | 'passwords' | 'settings' | 'index' | 'request'>
type Attempt = { user: FoundUser | undefined; subject: string; password: string }

/** The owner of a right password, and the try that it took, which is counted until it is passed. */
type Verified = { owner: FoundUser; tried: PasswordTry }

/** The user, as stored now, if the password is theirs; as `tryPassword`, with the try passed. */
export async function verifyPassword(services: Needed, attempt: Attempt): Promise<FoundUser | undefined> {
  const verified = await tryPassword(services, attempt)
  if (!verified) return undefined
  const { owner, tried } = verified
  if (await passPasswordTry(services, { tried, userId: owner.id, passwordHash: owner.passwordHash })) return owner
  await forgetTriesIfGone(services, owner.id, tried)
  return undefined
}

/**
 * Looks at a password. Tries are counted by phone number, wherever they are made; without a user it takes as long and counts for `subject`. Refuses
 * with the seconds left while blocked. Whoever goes on with a right password passes its try.
 */
export async function tryPassword(services: Needed, attempt: Attempt): Promise<Verified | undefined> {
  const tried = await claimPasswordTry(services, attempt.subject)
  try {
    const right = await services.passwords.verify(attempt.password, attempt.user?.passwordHash)
    if (tried.blockedSeconds && !(right && tried.isNetworkKnown)) throw tooManyTries(tried.blockedSeconds)
    const owner = right && attempt.user ? await rehash(services, attempt.user, attempt.password) : undefined
    if (owner) return { owner, tried }
    if (right && attempt.user) await forgetTriesIfGone(services, attempt.user.id, tried)
    return undefined
  } catch (error) {
    await returnUnanswered(services, tried, error)
    throw error
  }
}

/** A try that ends without an answer (too many passwords wait to be hashed, the database is away) is none. */
export async function returnUnanswered(services: Needed, tried: PasswordTry, error: unknown): Promise<void> {
  if (!(error instanceof RefusedError)) await returnPasswordTry(services, tried)
}

/** Of a user who is gone meanwhile nothing is kept. */
export async function forgetTriesIfGone(services: Needed, userId: string, { subject }: PasswordTry): Promise<void> {
  if (!(await findUser(services, userId))) await clearPasswordTries(services, subject)
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
