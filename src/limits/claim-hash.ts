import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { countedNetwork } from './counted-network.ts'

type Needed = Pick<Services, 'db' | 'settings' | 'index' | 'request'>

/** The row of a network's own count; empty where the client's network isn't known. */
export type HashClaim = { network: string }

/** Its counts stand beside those of numbers and uids, none of which is called so. */
const subject = 'network'

/**
 * Counts a password that must be hashed for a network, whomever it is about, and refuses when there were too many within the time of a block:
 * hashing is what costs this server most, and one password may be tried on many numbers.
 */
export async function claimHash(services: Needed): Promise<HashClaim> {
  const { db, settings, index } = services
  const { networkTries, block } = settings.logins
  const seen = countedNetwork(services)
  if (!seen) return { network: '' }
  const network = await index.of('network', seen)
  const isOver = sql`counted.last_tried_at < now() - make_interval(secs => ${block})`
  const claimed = await db.execute(sql`
    insert into password_tries as counted (subject, network, tries) values (${subject}, ${network}, 1)
    on conflict (subject, network) do update set
      tries = case when ${isOver} then 1 else counted.tries + 1 end,
      last_tried_at = case when ${isOver} then now() else counted.last_tried_at end
    where ${isOver} or counted.tries < ${networkTries}
    returning true`)
  if (claimed.length > 0) return { network }
  const [row] = await db.execute<{ seconds: number }>(sql`
    select ceil(extract(epoch from last_tried_at - now()) + ${block})::int as seconds
    from password_tries where subject = ${subject} and network = ${network}`)
  throw new RefusedError('too_many_requests', 'too many passwords from this network', {
    retryAfterSeconds: Math.max(1, row?.seconds ?? 1),
  })
}

/** A right password, or one that wasn't looked at, doesn't count: the people of a network don't keep each other out. */
export async function returnHash({ db }: Pick<Services, 'db'>, { network }: HashClaim): Promise<void> {
  if (!network) return
  await db.execute(sql`
    update password_tries set tries = greatest(tries - 1, 0) where subject = ${subject} and network = ${network}`)
}
