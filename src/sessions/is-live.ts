import { sql } from 'drizzle-orm'

/** Joins `sessions` with the user whom each is about, as long as that user's sessions of its epoch aren't ended. */
export const joinUser = sql`
  left join users on users.id = coalesce(sessions.account_id, sessions.user_id)
    and users.session_epoch = coalesce(sessions.epoch, 0)`
