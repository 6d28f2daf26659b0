import { and, eq, inArray } from 'drizzle-orm'
import { recordEvent } from '../audit/record-event.ts'
import { sealContexts } from '../crypto/seal-contexts.ts'
import { RefusedError } from '../errors.ts'
import { normalisePhoneNumber, readPhoneNumber } from '../input/phone-number.ts'
import { inTransaction, lockHashes } from '../postgres/database.ts'
import { users } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { endRecoveries } from '../sessions/end-sessions.ts'
import { findUserByNumber } from './find-user.ts'

/**
 * Gives an account another number on an operator's word, such as the new form after a country has changed its numbering plan. The answer is the
 * account's uid. What the old number had begun to recover ends; sessions and grants stay.
 */
export async function moveNumber(services: Services, { from, to }: { from: string; to: string }): Promise<string> {
  const { seal, blindIndex } = services
  const typed = readPhoneNumber(from)
  const user = typed && (await findUserByNumber(services, typed.spellings))
  if (!user) throw new RefusedError('not_found', 'no account has the old number')
  const number = normalisePhoneNumber(to)
  if (!number) throw new RefusedError('bad_request', 'the new number cannot receive a code')

  const { id, phoneNumberIndex } = user
  const hashes = await blindIndex.all('phone number', number)
  if (hashes.includes(phoneNumberIndex)) throw new RefusedError('conflict', 'the account already has this number')
  const phoneNumberSealed = await seal.seal(number, sealContexts.phoneNumber(id))
  await inTransaction(services, async (within) => {
    const { db } = within
    // As whoever signs up with the new number at this moment.
    await lockHashes(db, hashes)
    const taken = db.select({ id: users.id }).from(users).where(inArray(users.phoneNumberIndex, hashes))
    if ((await taken).length > 0) throw new RefusedError('conflict', 'another account already has the new number')
    const moved = await db
      .update(users)
      .set({ phoneNumberIndex: hashes[0] ?? '', phoneNumberSealed })
      .where(and(eq(users.id, id), eq(users.phoneNumberIndex, phoneNumberIndex)))
      .returning({ id: users.id })
    if (moved.length === 0)
      throw new RefusedError('conflict', 'the account changed in the meantime; run the command again')
    await endRecoveries(within, id)
    await recordEvent(within, { event: 'number_change', userId: id, about: 'operator' })
  })
  return id
}
