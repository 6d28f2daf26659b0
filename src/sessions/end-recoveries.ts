import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'

/** Ends the recoveries of an account whose number they are about no longer. With HIDE_ACCOUNTS those that nobody has proved go on as decoys. */
export async function endRecoveries(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  userId: string,
): Promise<void> {
  await db.execute(sql`
    with slots as (
      update recovery_slots set account_id = null where account_id = ${userId}
    ), decoys as (
      update sessions set account_id = null
      where account_id = ${userId} and verified_at is null and ${settings.hideAccounts}::boolean
    )
    delete from sessions
    where account_id = ${userId} and purpose = 'recovery' and (verified_at is not null or not ${settings.hideAccounts}::boolean)`)
}
