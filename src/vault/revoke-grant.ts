import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'

/** Takes a platform out of a user's wallet. Ending it at the platform is a job, stored by the same statement. */
export async function revokeGrant(
  services: Pick<Services, 'db' | 'wakeJobs'>,
  { userId, platform }: { userId: string; platform: string },
): Promise<void> {
  if ((await moveToRevocations(services, sql`user_id = ${userId} and platform = ${platform}`)) === 0) {
    throw new RefusedError('not_found', `${platform} is not saved`)
  }
  services.wakeJobs()
}

/** The same for all that a user has. The caller, whose transaction this is part of, wakes the jobs after it. */
export async function revokeGrantsOf({ db }: Pick<Services, 'db'>, userId: string): Promise<void> {
  await moveToRevocations({ db }, sql`user_id = ${userId}`)
}

async function moveToRevocations({ db }: Pick<Services, 'db'>, which: ReturnType<typeof sql>): Promise<number> {
  const moved = await db.execute(sql`
    with removed as (delete from grants where ${which} returning *)
    insert into revocations (id, user_id, platform, protocol, grant_sealed)
    select id, user_id, platform, protocol, grant_sealed from removed
    returning id`)
  return moved.length
}
