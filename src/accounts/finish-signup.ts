import { eq, sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import { sealContexts } from '../crypto/seal-contexts.ts'
import { RefusedError } from '../errors.ts'
import { lockHashes } from '../postgres/database.ts'
import { signups } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

type Needed = Pick<Services, 'db' | 'seal' | 'blindIndex' | 'settings' | 'request'>

/** Makes a proved sign-up an account and ends its session. Of several for one number the first wins; the others conflict. */
export async function finishSignup(services: Needed, session: Session): Promise<void> {
  const { db, blindIndex } = services
  if (session.purpose !== 'signup' || !session.verified) {
    throw new RefusedError('forbidden', 'the phone number is not verified yet')
  }
  const hashes = await blindIndex.all('phone number', await openNumber(services, session.userId))
  const inserted = eventInsert(services, { event: 'signup', userId: sql`made.id` }, sql`from made`)
  const done = await db.transaction(async (tx) => {
    await lockHashes(tx, hashes)
    const [row] = await tx.execute<{ found: boolean; made: boolean }>(sql`
      with closed as (
        delete from sessions where id_hash = ${session.idHash} returning user_id
      ), proved as (
        delete from signups using closed where signups.id = closed.user_id returning signups.*
      ), made as (
        insert into users (id, phone_number_index, phone_number_sealed, name_sealed, password_hash)
        select id, ${hashes[0]}, phone_number_sealed, name_sealed, password_hash from proved
        where not exists (select from users where phone_number_index in ${hashes})
        on conflict do nothing
        returning id
      ), recorded as (${inserted})
      select exists (select from proved) as found, exists (select from made) as made`)
    return row
  })
  if (!done?.found) throw new RefusedError('unauthorized', 'the sign-up has expired')
  if (!done.made) throw new RefusedError('conflict', 'this phone number already has an account')
}

/** In E.164. */
async function openNumber({ db, seal }: Needed, id: string): Promise<string> {
  const [signup] = await db.select({ sealed: signups.phoneNumberSealed }).from(signups).where(eq(signups.id, id))
  if (!signup) throw new RefusedError('unauthorized', 'the sign-up has expired')
  return seal.open(signup.sealed, sealContexts.phoneNumber(id))
}
