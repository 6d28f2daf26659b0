import { sql } from 'drizzle-orm'
import { sha256 } from '../crypto/sha256.ts'
import { lockHashes } from '../postgres/database.ts'
import type { Services } from '../services.ts'
import type { Session } from './session.ts'
import { hashSessionToken, newSessionToken } from './session.ts'

/** Recoveries of one number that may be unproved at once, not counting those that a code was just sent for. */
const maxUnproved = 3

type NewRecovery = {
  /** The uid that is shown: the account's own, or one that stands for it. */
  userId: string
  accountId: string | undefined
  /** The number under every key of the ring; what is stored is the first. */
  phoneNumberHashes: readonly string[]
  /** The client's, hashed; empty where it isn't known. */
  network: string
  userAgent: string
  solvedCaptcha: boolean
}

/**
 * Opens a session in which a number may be proved; the answer is its token. Anybody may open one for any number, so there are few for each: one
 * more ends the oldest that came from the same network, else the oldest. A code that was sent for a recovery keeps it from that until it expires;
 * how often one is sent is limited by itself.
 */
export async function openRecoverySession(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  { userId, accountId, phoneNumberHashes, network, userAgent, solvedCaptcha }: NewRecovery,
): Promise<string> {
  const token = newSessionToken()
  const idHash = hashSessionToken(token)
  const [phoneNumberIndex] = phoneNumberHashes
  await db.transaction(async (tx) => {
    // Of parallel ones each sees those before it.
    await lockHashes(tx, phoneNumberHashes)
    await tx.execute(sql`
      with slots as materialized (
        select session_id_hash, network, created_at from recovery_slots
        where phone_number_index in ${phoneNumberHashes} and coalesce(held_until, now()) <= now()
      ), replaced as (
        delete from recovery_slots where session_id_hash in (
          select session_id_hash from slots order by network = ${network} desc, created_at
          limit greatest((select count(*) from slots) - ${maxUnproved - 1}, 0))
        returning session_id_hash
      ), ended as (
        delete from sessions using replaced where id_hash = replaced.session_id_hash and verified_at is null
      ), slot as (
        insert into recovery_slots (session_id_hash, phone_number_index, account_id, network)
        values (${idHash}, ${phoneNumberIndex}, ${accountId ?? null}::uuid, ${network})
      )
      insert into sessions (id_hash, user_id, account_id, purpose, user_agent_hash, phone_number_index, solved_captcha, expires_at, epoch)
      select ${idHash}, ${userId}, ${accountId ?? null}::uuid, 'recovery', ${sha256(userAgent)}, ${phoneNumberIndex},
        ${solvedCaptcha}::boolean, now() + make_interval(secs => ${settings.sessions.maxAge}),
        coalesce((select session_epoch from users where id = ${accountId ?? null}::uuid), 0)`)
  })
  return token
}

/** Keeps a recovery that was just sent a code (or seems to have been) from being replaced while that lives. */
export async function holdRecovery(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  { idHash }: Pick<Session, 'idHash'>,
): Promise<void> {
  await db.execute(sql`
    update recovery_slots set held_until = now() + make_interval(secs => ${settings.codes.lifetime})
    where session_id_hash = ${idHash}`)
}
