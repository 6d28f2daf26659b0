import { type SQL, sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'

/** What is written down for whoever must find out, later, what happened to an account. */
export type SecurityEvent =
  | 'signup'
  | 'login'
  | 'logout'
  | 'password_check'
  | 'password_change'
  | 'recovery'
  | 'account_deletion'
  | 'code_check'
  | 'grant_save'
  | 'grant_revocation'
  | 'sessions_end'
  | 'key_rotation'

/** `refused`: the password, code or state was wrong. `blocked`: it wasn't even looked at. */
export type Outcome = 'done' | 'refused' | 'blocked'

type Recorded = {
  event: SecurityEvent
  outcome?: Outcome
  userId?: string | SQL | undefined
  /** Only where there is no user: after an account is gone, nothing here may tell whose number it was. */
  phoneNumberIndex?: string | undefined
  /** The platform, the key. */
  about?: string | SQL
}

type Needed = Pick<Services, 'settings' | 'request'>

/** An insert to stand in a statement that changes something; `from` (`from changed`) names that change: no row, no event. */
export function eventInsert({ settings, request }: Needed, recorded: Recorded, from = sql``): SQL {
  const { event, outcome = 'done', userId = null, phoneNumberIndex = null, about = null } = recorded
  return sql`
    insert into audit_events (event, outcome, user_id, phone_number_index, about, request_id, network, keep_until)
    select ${event}, ${outcome}, ${userId}::uuid, ${phoneNumberIndex}::text, ${about}::text,
      ${request?.id ?? null}::text, ${request?.network ?? null}::text,
      now() + make_interval(days => ${settings.auditDays}) ${from}`
}

/** Records by itself: within a transaction, or of what changed nothing. */
export async function recordEvent(services: Needed & Pick<Services, 'db'>, recorded: Recorded): Promise<void> {
  await services.db.execute(eventInsert(services, recorded))
}

/**
 * Records that somebody was kept out, if that is how `deed` ends. A block costs the caller nothing, so it is recorded once a minute for each
 * network and user: nobody can fill the database with it.
 */
export async function recordRefusal<Done>(
  services: Needed & Pick<Services, 'db'>,
  recorded: Recorded,
  deed: () => Promise<Done>,
): Promise<Done> {
  try {
    return await deed()
  } catch (error) {
    if (error instanceof RefusedError && error.refusal === 'too_many_requests') await recordBlock(services, recorded)
    else if (error instanceof RefusedError && (error.refusal === 'unauthorized' || error.refusal === 'forbidden'))
      await recordEvent(services, { ...recorded, outcome: 'refused' })
    throw error
  }
}

export async function recordBlock(services: Needed & Pick<Services, 'db'>, recorded: Recorded): Promise<void> {
  const { event, userId = null, phoneNumberIndex = null } = recorded
  const from = sql`where not exists (
    select from audit_events where outcome = 'blocked' and at > now() - interval '1 minute' and event = ${event}
      and network is not distinct from ${services.request?.network ?? null}::text
      and user_id is not distinct from ${userId}::uuid
      and phone_number_index is not distinct from ${phoneNumberIndex}::text)`
  await services.db.execute(eventInsert(services, { ...recorded, outcome: 'blocked' }, from))
}
