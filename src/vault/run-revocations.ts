import { and, eq, inArray, sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { grants, revocations } from '../db/schema.ts'
import { failureWord, ProviderError, UnavailableError } from '../errors.ts'
import type { Grant, Platform } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import { askPlatform } from './ask-platform.ts'
import { accountIndexesOf, openGrant } from './grant-row.ts'

const batch = 10
/** Seconds. */
const firstWait = 5
const longestWait = 3600
/** Also where a platform asks for more: it may ask for years. */
const longestPause = 86_400
/** Characters that an operator is shown. */
const longestReason = 300
/** Seconds until a revocation is given up on and left for the operator. */
const patience = 86_400

/**
 * Ends due grants at their platforms; the answer is how many were tried. Any number of instances may run it at once: a job is claimed by
 * moving its next attempt, so that one whose runner died is tried again. While its user is connecting the same platform again it waits, and that
 * connection waits for it: ending the old grant could end the new one.
 */
export async function runRevocations(services: Services): Promise<number> {
  const due = await claimDue(services)
  const ran = await Promise.allSettled(due.map((job) => runRevocation(services, job)))
  for (const run of ran) if (run.status === 'rejected') throw run.reason
  return due.length
}

const hold = ({ platformLimit }: Services['settings']) => platformLimit + 5

type Job = {
  id: string
  userId: string
  platform: string
  protocol: string
  grantSealed: string
  attempts: number
  requestId: string | null
}

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
          where finishing.user_id = revocations.user_id and finishing.platform = revocations.platform
            and finishing.held_until > now()
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
    const isSuperseded = await observer.step(step, () => endGrant(services, job))
    log.info(isSuperseded ? 'grant not revoked: its account is saved again' : 'grant revoked at its platform', fields)
  } catch (error) {
    const reason = reasonOf(error)
    const asked = error instanceof UnavailableError ? error.retryAfterSeconds : 0
    if (await putOff(services, job, reason, asked)) log.error('revocation given up', { ...fields, reason })
    else log.warn('revocation failed, will be tried again', { ...fields, reason })
  }
}

/** True: the grant stays, since its account is saved again. */
async function endGrant(services: Services, job: Job): Promise<boolean> {
  const { db, platforms } = services
  const platform = platforms.get(job.platform)
  // One protocol's driver would send nonsense for another's grant, and read the platform's refusal as "already gone".
  if (platform?.protocol !== job.protocol)
    throw new ProviderError(`${job.platform} by ${job.protocol} is not configured`)
  const grant = await openGrant(services, job)
  const isSuperseded = await isSavedAgain(services, platform, grant)
  if (!isSuperseded) {
    const asking = job.requestId ? { ...services, request: { id: job.requestId } } : services
    await askPlatform(asking, { platform: platform.name, call: 'revoke' }, (call) => platform.revoke(grant, call))
  }
  await db.delete(revocations).where(eq(revocations.id, job.id))
  return isSuperseded
}

/** In words of this server's own: what else was thrown may quote a token or, a failed query's message, its values. */
function reasonOf(error: unknown): string {
  if (error instanceof DrizzleQueryError) return 'the database failed'
  if (error instanceof ProviderError) return error.message
  if (!(error instanceof UnavailableError)) return `it could not be tried (${failureWord(error)})`
  const { message, cause } = error
  if (cause === undefined) return message
  return `${message}: ${cause instanceof ProviderError ? cause.message : failureWord(cause)}`.slice(0, longestReason)
}

/** Where grants aren't separate, ending the old one would end the one that the person has given since. */
async function isSavedAgain(services: Services, platform: Platform, grant: Grant): Promise<boolean> {
  if (platform.separateGrants) return false
  const accountIndexes = await accountIndexesOf(services, platform.name, grant)
  const saved = await services.db
    .select({ id: grants.id })
    .from(grants)
    .where(and(eq(grants.platform, platform.name), inArray(grants.accountIndex, accountIndexes)))
  return saved.length > 0
}

/**
 * Waits twice as long after each failure, give or take a quarter, so that jobs of one outage don't return together; and never less than
 * the platform asked for (seconds). True: given up.
 */
async function putOff({ db }: Services, { id, attempts }: Job, reason: string, asked: number): Promise<boolean> {
  const backoff = Math.min(longestWait, firstWait * 2 ** (attempts - 1)) * (0.75 + Math.random() / 2)
  const wait = Math.min(longestPause, Math.max(backoff, asked * (1 + Math.random() / 4)))
  const [row] = await db.execute<{ dead: boolean }>(sql`
    update revocations set last_error = ${reason}, held_until = null, next_attempt_at = now() + make_interval(secs => ${wait}),
      dead_at = case when created_at < now() - make_interval(secs => ${patience}) then now() end
    where id = ${id} returning dead_at is not null as dead`)
  return row?.dead ?? false
}
