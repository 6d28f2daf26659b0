import { eq, inArray } from 'drizzle-orm'
import { isUuid } from '../input/uuid.ts'
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

/** The uid that a recovery shows for a number, whether it has an account or not (HIDE_ACCOUNTS): it looks like any other (UUID version 4). */
export async function decoyUserId({ blindIndex }: Pick<Services, 'blindIndex'>, phoneNumber: string): Promise<string> {
  const hash = await blindIndex.of('decoy', phoneNumber)
  const bytes = Uint8Array.from(atob(hash.replaceAll('-', '+').replaceAll('_', '/')).slice(0, 16), (byte) =>
    byte.charCodeAt(0),
  )
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
