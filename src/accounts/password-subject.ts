import { inArray } from 'drizzle-orm'
import { UnopenableError } from '../crypto/seal.ts'
import { sealContexts } from '../crypto/seal-contexts.ts'
import { readPhoneNumber } from '../input/phone-number.ts'
import type { Subject } from '../limits/claim-password-try.ts'
import { passwordTries } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import type { FoundUser } from './find-user.ts'

type Needed = Pick<Services, 'db' | 'blindIndex' | 'seal'>

/*
 * What password tries are counted by: a number's keyed hash, the same with an account and without, by number and by uid. So nobody sees by the
 * counts that a number gets an account or loses it.
 */

/** `number`: the one that all its spellings mean. */
export async function subjectOfNumber(services: Needed, number: string): Promise<Subject> {
  return countedHash(services, await services.blindIndex.all('phone number', number))
}

/** Of a uid that is somebody's, the subject of their number. What takes time is done for any other too. */
export async function subjectOfUserId(services: Needed, userId: string, user: FoundUser | undefined): Promise<Subject> {
  const decoys = await services.blindIndex.all('decoy', `tries ${userId.toLowerCase()}`)
  const id = user?.id ?? userId
  const context = sealContexts.phoneNumber(id)
  if (!user) {
    await services.seal.seal(userId, context)
    return countedHash(services, decoys)
  }
  try {
    const number = await services.seal.open(user.phoneNumberSealed, context)
    return await subjectOfNumber(services, readPhoneNumber(number)?.number ?? number)
  } catch (error) {
    // Its key is missing. Who signs in by uid needs nothing else that is sealed with it.
    if (!(error instanceof UnopenableError)) throw error
    return countedHash(services, [user.phoneNumberIndex])
  }
}

/**
 * The hash that a number's counts stand under: of the oldest key of the ring, if there are any under it, so that a new key begins no count anew.
 * `hashes`: newest key first.
 */
async function countedHash({ db }: Needed, hashes: readonly string[]): Promise<Subject> {
  const [newest = '', ...older] = hashes
  if (older.length === 0) return { hash: newest, key: 0 }
  const counted = await db
    .selectDistinct({ subject: passwordTries.subject })
    .from(passwordTries)
    .where(inArray(passwordTries.subject, [...hashes]))
  const subjects = new Set(counted.map(({ subject }) => subject))
  const key = Math.max(
    0,
    hashes.findLastIndex((hash) => subjects.has(hash)),
  )
  return { hash: hashes[key] ?? newest, key }
}
