import { type SQL, sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import { firstInHour } from '../limits/claim-count.ts'
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
  | 'number_change'
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
 * Records that somebody was kept out, if that is how `action` ends. What was looked at and wrong is a row each: limits bound how often that happens.
 * To run into a limit costs the caller nothing, so that is a row an hour.
 */
export async function recordRefusal<Done>(
  services: Needed & Pick<Services, 'db' | 'blindIndex'>,
  recorded: Recorded & { userId?: string | undefined },
  action: () => Promise<Done>,
): Promise<Done> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof RefusedError && error.refusal === 'too_many_requests')
      await recordBlock(services, recorded, recorded.userId ?? recorded.phoneNumberIndex)
    else if (error instanceof RefusedError && (error.refusal === 'unauthorized' || error.refusal === 'forbidden'))
      await recordEvent(services, { ...recorded, outcome: 'refused' })
    throw error
  }
}

/**
 * One row an hour for each event and network, and for each `subject` if there is one: only of what limits bound otherwise. Of parallel ones it's one
 * row too.
 */
export async function recordBlock(
  services: Needed & Pick<Services, 'db' | 'blindIndex'>,
  recorded: Recorded,
  subject = '',
): Promise<void> {
  const key = await services.blindIndex.of('network', `${services.request?.network ?? ''} ${subject}`)
  const first = firstInHour({ name: `${recorded.event} blocked`, key })
  await services.db.execute(sql`
    with first as (${first}) ${eventInsert(services, { ...recorded, outcome: 'blocked' }, sql`from first`)}`)
}
