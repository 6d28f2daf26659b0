import { sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { failureWord, ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import type { Services } from '../services.ts'
import type { RevocationJob } from './account-endings.ts'
import { endGrant } from './end-grant.ts'

const batch = 10
/** Seconds. */
const initialBackoffSeconds = 5
const maxBackoffSeconds = 3600
/** Also where a platform asks for more: it may ask for years. */
const maxRetryAfterSeconds = 86_400
/** Characters that an operator is shown. */
const maxReasonLength = 300
/** Seconds until a revocation is given up on and left for the operator. */
const maxAgeSeconds = 86_400

/**
 * Ends due grants at their platforms; the answer is how many were tried. Any number of instances may run it at once: a job is claimed by
 * moving its next attempt, so that one whose runner died is tried again. While its user, or anybody, is connecting the same account again it
 * waits, and that connection waits for it: ending the old grant could end the new one.
 */
export async function runRevocations(services: Services): Promise<number> {
  const due = await claimDue(services)
  const ran = await Promise.allSettled(due.map((job) => runRevocation(services, job)))
  for (const run of ran) if (run.status === 'rejected') throw run.reason
  return due.length
}

const hold = ({ platformTimeout }: Services['settings']) => platformTimeout + 5

type Job = RevocationJob & { attempts: number; requestId: string | null }

async function claimDue({ db, settings }: Services): Promise<Job[]> {
  const rows = await db.execute<{
    id: string
    user_id: string
    platform: string
    protocol: string
    grant_sealed: string
    attempts: number
    request_id: string | null
  }>(sql`
    update revocations set attempts = attempts + 1, held_until = now() + make_interval(secs => ${hold(settings)}),
      next_attempt_at = now() + make_interval(secs => ${hold(settings)})
    where id in (
      select id from revocations where dead_at is null and next_attempt_at <= now()
        and not exists (
          select from pending_authorizations as finishing
          where finishing.held_until > now() and finishing.platform = revocations.platform
            and (finishing.user_id = revocations.user_id or finishing.account_index = revocations.account_index)
        )
      order by next_attempt_at limit ${batch} for update skip locked
    )
    returning id, user_id, platform, protocol, grant_sealed, attempts, request_id`)
  return rows.map((row) => ({
    id: row.id,
    userId: row.user_id,
    platform: row.platform,
    protocol: row.protocol,
    grantSealed: row.grant_sealed,
    attempts: row.attempts,
    requestId: row.request_id,
  }))
}

async function runRevocation(services: Services, job: Job): Promise<void> {
  const { log, observer } = services
  const request = job.requestId ? { requestId: job.requestId } : {}
  const fields = { ...request, job: job.id, platform: job.platform, attempt: job.attempts }
  try {
    const step = { kind: 'job', job: 'revocation', platform: job.platform, ...request } as const
    const servicesOfJob = job.requestId ? { ...services, request: { id: job.requestId } } : services
    log.info(outcomes[await observer.step(step, () => endGrant(servicesOfJob, job))], fields)
  } catch (error) {
    const reason = reasonOf(error)
    if (await putOff(services, job, reason, requestedWait(error)))
      log.error('gave up on a revocation', { ...fields, reason })
    else log.warn('revocation failed, will retry', { ...fields, reason })
  }
}

const outcomes = {
  ended: 'grant revoked at its platform',
  superseded: 'grant not revoked: its account was saved again',
  waiting: 'grant not revoked yet: its account is being connected',
} as const

function requestedWait(error: unknown): number {
  if (error instanceof UnavailableError) return error.retryAfterSeconds
  return error instanceof RefusedError ? (error.details.retryAfterSeconds ?? 0) : 0
}

/** In words of this server's own: what else was thrown may quote a token or, a failed query's message, its values. */
function reasonOf(error: unknown): string {
  if (error instanceof DrizzleQueryError) return 'the database failed'
  if (error instanceof ProviderError || error instanceof RefusedError) return error.message
  if (!(error instanceof UnavailableError)) return `the attempt failed (${failureWord(error)})`
  const { message, cause } = error
  if (cause === undefined) return message
  return `${message}: ${cause instanceof ProviderError ? cause.message : failureWord(cause)}`.slice(0, maxReasonLength)
}

/**
 * Waits twice as long after each failure, give or take a quarter, so that jobs of one outage don't return together; and never less than
 * the platform asked for (seconds). True: given up.
 */
async function putOff(
  { db }: Services,
  { id, attempts }: Job,
  reason: string,
  requestedSeconds: number,
): Promise<boolean> {
  const backoff = Math.min(maxBackoffSeconds, initialBackoffSeconds * 2 ** (attempts - 1)) * (0.75 + Math.random() / 2)
  const wait = Math.min(maxRetryAfterSeconds, Math.max(backoff, requestedSeconds * (1 + Math.random() / 4)))
  const [row] = await db.execute<{ dead: boolean }>(sql`
    update revocations set last_error = ${reason}, held_until = now(), next_attempt_at = now() + make_interval(secs => ${wait}),
      dead_at = case when created_at < now() - make_interval(secs => ${maxAgeSeconds}) then now() end
    where id = ${id} returning dead_at is not null as dead`)
  return row?.dead ?? false
}
