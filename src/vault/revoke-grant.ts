import { type SQL, sql } from 'drizzle-orm'
import { eventInsert } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'

type Changing = Pick<Services, 'db' | 'settings' | 'request'>

/** Takes a platform out of a user's wallet. Ending it at the platform is a job, stored by the same statement. */
export async function revokeGrant(
  services: Changing & Pick<Services, 'wakeJobs'>,
  { userId, platform }: { userId: string; platform: string },
): Promise<void> {
  if ((await moveToRevocations(services, sql`user_id = ${userId} and platform = ${platform}`)) === 0) {
    throw new RefusedError('not_found', `${platform} is not saved`)
  }
  services.wakeJobs()
}

/** The same for all that a user has. The caller, whose transaction this is part of, wakes the jobs after it. */
export async function revokeGrantsOf(services: Changing, userId: string): Promise<void> {
  await moveToRevocations(services, sql`user_id = ${userId}`)
}

/** The answer is how many. */
export async function moveToRevocations(services: Changing, which: SQL): Promise<number> {
  const event = { event: 'grant_revocation', userId: sql`removed.user_id`, about: sql`removed.platform` } as const
  const moved = await services.db.execute(sql`
    with removed as (delete from grants where ${which} returning *),
    recorded as (${eventInsert(services, event, sql`from removed`)})
    insert into revocations (id, user_id, platform, protocol, account_index, grant_sealed, request_id)
    select id, user_id, platform, protocol, account_index, grant_sealed, ${services.request?.id ?? null}::text from removed
    returning id`)
  return moved.length
}
