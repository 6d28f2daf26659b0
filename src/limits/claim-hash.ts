import { type SQL, sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { countedNetwork } from './counted-network.ts'

type Needed = Pick<Services, 'db' | 'settings' | 'index' | 'request'>

/** Its counts stand beside those of numbers and uids, none of which is called so. */
const subject = 'network'

/**
 * Counts a password that must be hashed for a network, whomever it is about, and refuses when there were too many within the time of a block:
 * hashing is what costs this server most, and one password may be tried on many numbers.
 */
export async function claimHash(services: Needed): Promise<void> {
  const network = await hashNetwork(services)
  if (!network) return
  const claimed = await services.db.execute(countHash({ network, ...services.settings.logins }))
  if (claimed.length === 0) throw await tooManyHashes(services, network)
}

/** What a network's own count stands under; empty where the client's network isn't known. */
export async function hashNetwork(services: Pick<Services, 'index' | 'request'>): Promise<string> {
  const seen = countedNetwork(services)
  return seen ? services.index.of('network', seen) : ''
}

/** Values, or placeholders of a prepared statement. */
type Count = Record<'network' | 'networkTries' | 'block', unknown>

/** Adds one to a network's count unless that is full; its one row says that it did. */
function countHash({ network, networkTries, block }: Count, condition: SQL = sql``): SQL {
  const isOver = sql`counted.last_tried_at < now() - make_interval(secs => ${block}::int)`
  return sql`
    insert into password_tries as counted (subject, network, tries) select ${subject}, ${network}::text, 1 ${condition}
    on conflict (subject, network) do update set
      tries = case when ${isOver} then 1 else counted.tries + 1 end,
      last_tried_at = case when ${isOver} then now() else counted.last_tried_at end
    where ${isOver} or counted.tries < ${networkTries}::int
    returning true`
}

async function tooManyHashes({ db, settings }: Pick<Needed, 'db' | 'settings'>, network: string) {
  const [row] = await db.execute<{ seconds: number }>(sql`
    select ceil(extract(epoch from last_tried_at - now()) + ${settings.logins.block})::int as seconds
    from password_tries where subject = ${subject} and network = ${network}`)
  return new RefusedError('too_many_requests', 'too many passwords from this network', {
    retryAfterSeconds: Math.max(1, row?.seconds ?? 1),
  })
}
