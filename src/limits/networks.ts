import { eq, sql } from 'drizzle-orm'
import ipaddr from 'ipaddr.js'
import { passwordTries } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'

/** Networks in which a server behind a proxy that TRUSTED_PROXIES doesn't name would see everybody: no limit counts by them. */
const internalRanges: ReadonlySet<string> = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal'])

/** The network of all clients whose address a trusted proxy told in no readable way: counted like any other, but nobody is known by it. */
export const unreadableNetwork = 'unreadable'

/** The request's network, if it tells its client from others. */
export function countedNetwork({ request }: Pick<Services, 'request'>): string | undefined {
  if (request?.network === unreadableNetwork) return unreadableNetwork
  const [address = ''] = request?.network?.split('/') ?? []
  if (!ipaddr.isValid(address) || internalRanges.has(ipaddr.parse(address).range())) return undefined
  return request?.network
}

/** What a network's own counts stand under; empty where the client's network isn't known. */
export async function hashNetwork(services: Pick<Services, 'blindIndex' | 'request'>): Promise<string> {
  const seen = countedNetwork(services)
  return seen ? services.blindIndex.of('network', seen) : ''
}

/** A network is known to a user for so long after a right password from there. */
export const knownNetworkDays = 30

type Needed = Pick<Services, 'blindIndex' | 'request'>

/**
 * Whether a user entered a right password from the request's network lately. What strangers do elsewhere must not keep out who comes from there.
 * Ask it without a user too, in the same time: what is done for accounts only could be timed.
 */
export async function isKnownNetwork(
  { db, ...services }: Needed & Pick<Services, 'db'>,
  userId: string | undefined,
): Promise<boolean> {
  const subject = userId ?? 'nobody'
  const networks = await hashesOfNetwork(services, subject)
  if (networks.length === 0) return false
  const known = await db.execute(sql`
    select from password_tries
    where subject = ${subject} and network in ${networks}
      and entered_at > now() - make_interval(days => ${knownNetworkDays})
    limit 1`)
  return known.length > 0
}

/** What the request's network is written under when it becomes known; none where no limit counts by it. */
export async function knownNetworkHash(services: Needed, userId: string): Promise<string | undefined> {
  const [hash] = await hashesOfNetwork(services, userId)
  return hash
}

/** Hashed with the uid, so that nobody sees who shares a network. Newest key first. */
async function hashesOfNetwork(services: Needed, userId: string): Promise<string[]> {
  const network = countedNetwork(services)
  return network && network !== unreadableNetwork ? services.blindIndex.all('network', `${userId} ${network}`) : []
}

/** Forgets from where a user entered: whoever knew the password until now may have made a network known. */
export async function forgetKnownNetworks({ db }: Pick<Services, 'db'>, userId: string): Promise<void> {
  await db.delete(passwordTries).where(eq(passwordTries.subject, userId))
}
