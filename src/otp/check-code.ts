import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { constantTimeEqual } from 'oslo/crypto'
import { eventInsert, recordBlock, recordEvent } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { codes } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { hashSessionToken, joinUser, newSessionToken } from '../sessions/session.ts'
import { hashCode } from './hash-code.ts'

type Verified = {
  /** The session's new token: proving a number is a change of privilege. */
  token: string
  /** Deadline for the next step. */
  expiresAt: Date
}

/** Checks a session's code. Each try is counted before it is compared, and of parallel right ones one wins. */
export async function checkCode(services: Services, session: Session, code: string): Promise<Verified> {
  const { db, settings, codeSender } = services
  const [tried] = await db
    .update(codes)
    .set({ tries: sql`${codes.tries} + 1` })
    .where(
      and(
        eq(codes.sessionIdHash, session.idHash),
        lt(codes.tries, settings.codes.tries),
        gt(codes.expiresAt, sql`now()`),
      ),
    )
    .returning({ codeHash: codes.codeHash, reference: codes.reference })
  if (!tried) throw await wrongCode(services, session, 'blocked')
  // Also where there's none to compare it with, which mustn't show.
  const hashes = await hashCode(services, session, code)
  const right = tried.codeHash
    ? isAmong(hashes, tried.codeHash)
    : tried.reference !== null && (await codeSender.check?.(tried.reference, code))
  if (!right) throw await wrongCode(services, session, 'refused')
  return verifySession(services, session, tried)
}

/**
 * Takes the code away and moves the session to verified, under a new id. The session is locked first, as when a code is sent. What was sent to
 * the number at this network's request weighs on the network no more. The waits to come are short again, but the one that has begun goes on, or
 * whoever has the phone could be sent codes without end; and with HIDE_ACCOUNTS the number's waits tell nobody that a code was entered.
 */
async function verifySession(
  services: Services,
  session: Session,
  { codeHash, reference }: { codeHash: string | null; reference: string | null },
): Promise<Verified> {
  const { db, settings } = services
  const token = newSessionToken()
  const [verified] = await db.execute<{ expires_at: number }>(sql`
    with live as (
      select id_hash from sessions ${joinUser}
      where id_hash = ${session.idHash} and (users.id is not null or purpose = 'signup') for update of sessions
    ), used as (
      delete from codes using live
      where session_id_hash = live.id_hash
        and code_hash is not distinct from ${codeHash}::text and reference is not distinct from ${reference}::text
      returning decision_id
    ), sent as (
      select phone_number_index as number, network from send_decisions, used where id = decision_id
    ), cleared as (
      update code_waits set sends = 0 from sent where phone_number_index = number and not ${settings.hideAccounts}::boolean
    ), redeemed as (
      update send_decisions as earlier set verified_at = now() from sent
      where phone_number_index = number and earlier.network is not distinct from sent.network
        and outcome = 'allowed' and verified_at is null and created_at > now() - interval '1 day'
    ), recorded as (${eventInsert(services, eventOf(session), sql`from used`)})
    update sessions set id_hash = ${hashSessionToken(token)}, verified_at = now(),
      expires_at = least(now() + make_interval(secs => ${settings.sessions.maxAge}),
        created_at + make_interval(secs => ${settings.sessions.absoluteAge}))
    from used where sessions.id_hash = ${session.idHash}
    returning extract(epoch from expires_at)::float8 as expires_at`)
  if (!verified) throw await wrongCode(services, session, 'blocked')
  return { token, expiresAt: new Date(verified.expires_at * 1000) }
}

/** One answer, whether the code is wrong, used, expired, dead or was never sent. */
async function wrongCode(services: Services, session: Session, outcome: 'refused' | 'blocked') {
  const event = eventOf(session)
  await (outcome === 'blocked' ? recordBlock(services, event) : recordEvent(services, { ...event, outcome }))
  return new RefusedError('forbidden', 'wrong or expired code', { fields: ['code'] })
}

/** About the account, where another uid is shown for it. */
const eventOf = ({ user, userId }: Session) => ({ event: 'code_check', userId: user?.id ?? userId }) as const

const isAmong = (hashes: readonly string[], hash: string) => hashes.filter((one) => sameText(one, hash)).length > 0

const sameText = (left: string, right: string) =>
  constantTimeEqual(new TextEncoder().encode(left), new TextEncoder().encode(right))
