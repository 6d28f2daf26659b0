import { generateRandomInteger } from 'oslo/crypto'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/**
 * Codes are few enough to try them all, so their hash is keyed; bound to the session, it's of no use in another. Under every key, the first
 * of which is stored: a code that was sent before a new key came is right after it.
 */
export const hashCode = (
  { blindIndex }: Pick<Services, 'blindIndex'>,
  session: Pick<Session, 'purpose' | 'idHash'>,
  code: string,
): Promise<string[]> => blindIndex.all('code', `${session.purpose} ${session.idHash} ${code}`)

/** Six random digits. */
export const newCode = (): string => generateRandomInteger(1_000_000).toString().padStart(6, '0')
