import { eq, inArray } from 'drizzle-orm'
import { users } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'

const columns = {
  id: users.id,
  passwordHash: users.passwordHash,
  phoneNumberIndex: users.phoneNumberIndex,
  phoneNumberSealed: users.phoneNumberSealed,
}

export type FoundUser = { id: string; passwordHash: string; phoneNumberIndex: string; phoneNumberSealed: string }

/** The user with a phone number. `spellings`: what it may be stored as, the likeliest first. */
export async function findUserByNumber(
  { db, blindIndex }: Pick<Services, 'db' | 'blindIndex'>,
  spellings: readonly string[],
): Promise<FoundUser | undefined> {
  const hashes = (await Promise.all(spellings.map((spelling) => blindIndex.all('phone number', spelling)))).flat()
  const found = await db.select(columns).from(users).where(inArray(users.phoneNumberIndex, hashes))
  return found.toSorted(
    (one, other) => hashes.indexOf(one.phoneNumberIndex) - hashes.indexOf(other.phoneNumberIndex),
  )[0]
}

export async function findUser({ db }: Pick<Services, 'db'>, userId: string): Promise<FoundUser | undefined> {
  if (!isUuid(userId)) return undefined
  const [user] = await db.select(columns).from(users).where(eq(users.id, userId))
  return user
}

const isUuid = (value: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
