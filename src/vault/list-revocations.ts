import { sql } from 'drizzle-orm'
import { isoInstant } from '../postgres/database.ts'
import type { Services } from '../services.ts'

type ListedRevocation = {
  id: string
  platform: string
  protocol: string
  createdAt: string
  attempts: number
  lastError: string | null
  /** Of the request that took the grant out, as the log and the audit trail name it. */
  requestId: string | null
  /** Null when given up. */
  nextAttemptAt: string | null
}

/** Grants that have left their wallet and are not ended at their platform yet, oldest first. */
export async function listRevocations({ db }: Pick<Services, 'db'>): Promise<ListedRevocation[]> {
  return db.execute<ListedRevocation>(sql`
    select id, platform, protocol, ${isoInstant('created_at')} as "createdAt", attempts, last_error as "lastError", request_id as "requestId",
      case when dead_at is null then ${isoInstant('next_attempt_at')} end as "nextAttemptAt"
    from revocations order by created_at`)
}

/** Gives those that were given up another day, from now; the answer is how many. */
export async function retryRevocations({ db }: Pick<Services, 'db'>): Promise<number> {
  const retried = await db.execute(sql`
    update revocations set dead_at = null, attempts = 0, created_at = now(), next_attempt_at = now()
    where dead_at is not null returning id`)
  return retried.length
}
