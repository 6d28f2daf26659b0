import { and, eq, sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import { claimCount, returnCount } from '../limits/claim-count.ts'
import { ceilingQuota, type PasswordTry, returnPasswordTry, settlementCtes } from '../limits/claim-password-try.ts'
import { users } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { type FoundUser, findUser } from './find-user.ts'

type Needed = Pick<Services, 'db' | 'passwords' | 'settings' | 'blindIndex' | 'request'>
type Attempt = { user: FoundUser | undefined; password: string; tried: PasswordTry }

/** What a right password is for. It settles the try, and answers nothing if the password is the user's no more. */
type OnSuccess<Done> = (user: FoundUser) => Promise<Done | undefined>

/**
 * Looks at a password within a try that was claimed for it, and goes on if it is right. Without a user it takes as long, and is wrong. Refuses
 * with the seconds left while blocked.
 */
export async function checkPassword<Done>(
  services: Needed,
  attempt: Attempt,
  onSuccess: OnSuccess<Done>,
): Promise<Done | undefined> {
  const { user, password, tried } = attempt
  try {
    if (!tried.isLookedAt) await refuseUnseen(services, tried)
    const isRight = await isRightAndPasses(services, attempt)
    if (!isRight || !user) return undefined
    const current = await rehash(services, user, password)
    const done = current && (await onSuccess(current))
    if (done !== undefined && tried.ceiling) await returnCount(services, tried.ceiling)
    return done
  } catch (error) {
    // One that ends without an answer (too many passwords wait to be hashed, the database is away) is none.
    if (!(error instanceof RefusedError)) await returnPasswordTry(services, tried)
    throw error
  }
}

async function refuseUnseen(services: Needed, tried: PasswordTry): Promise<void> {
  if (tried.use) await returnCount(services, tried.use)
  if (tried.hidesTime) await services.passwords.imitate?.()
  throw tried.refusal
}

/** The ceiling is counted while the password is hashed: so it takes no longer than where there's none. */
async function isRightAndPasses(services: Needed, { user, password, tried }: Attempt): Promise<boolean> {
  const { ceiling, refusal } = tried
  const [verified, claimed] = await Promise.allSettled([
    services.passwords.verify(password, user?.passwordHash),
    ceiling ? claimCount(services, ceiling, ceilingQuota(services)) : undefined,
  ])
  const passes = !refusal || (claimed.status === 'fulfilled' && claimed.value === 0)
  if (verified.status === 'rejected' && ceiling && passes) await returnCount(services, ceiling)
  for (const each of [verified, claimed]) if (each.status === 'rejected') throw each.reason
  const isRight = verified.status === 'fulfilled' && verified.value
  if (refusal && !(isRight && passes)) throw refusal
  return isRight
}

/** Settles the try of a right password by itself, if it is still the user's. */
export async function settlePasswordTry(
  services: Needed,
  user: FoundUser,
  tried: PasswordTry,
): Promise<FoundUser | undefined> {
  const settlement = await settlementCtes(services, tried, user.id)
  // Locked against a change of the password, which afterwards forgets the network that is made known here.
  const settled = await services.db.execute(sql`
    with account as materialized (
      select id from users where id = ${user.id} and password_hash = ${user.passwordHash} for share
    ), ${settlement}
    select from account cross join passed`)
  return settled.length > 0 ? user : undefined
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
