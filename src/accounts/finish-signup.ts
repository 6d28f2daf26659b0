import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/** Makes a proved sign-up an account and ends its session. Of several for one number the first wins; the others conflict. */
export async function finishSignup({ db }: Pick<Services, 'db'>, session: Session): Promise<void> {
  if (session.purpose !== 'signup' || !session.verified) {
    throw new RefusedError('forbidden', 'the phone number is not proved yet')
  }
  const [done] = await db.execute<{ found: boolean; made: boolean }>(sql`
    with closed as (
      delete from sessions where id_hash = ${session.idHash} returning user_id
    ), proved as (
      delete from signups using closed where signups.id = closed.user_id returning signups.*
    ), made as (
      insert into users (id, phone_number_index, phone_number_sealed, name_sealed, password_hash)
      select id, phone_number_index, phone_number_sealed, name_sealed, password_hash from proved
      on conflict do nothing
      returning id
    )
    select exists (select from proved) as found, exists (select from made) as made`)
  if (!done?.found) throw new RefusedError('unauthorized', 'the sign-up is over')
  if (!done.made) throw new RefusedError('conflict', 'this phone number has an account')
}
