import { and, eq, notInArray, sql } from 'drizzle-orm'
import { passwordTries } from '../db/schema.ts'
import type { Services } from '../services.ts'
import { countedNetwork } from './counted-network.ts'

/** A network is known to a user for so long after a right password from there. */
export const knownNetworkDays = 30

/**
 * Whether a user entered a right password from the request's network lately. What strangers do elsewhere must not keep out who comes from there.
 * Ask it without a user too, in the same time: what is done for accounts only could be timed.
 */
export async function isKnownNetwork(
  { db, ...services }: Pick<Services, 'db' | 'index' | 'request'>,
  userId: string | undefined,
): Promise<boolean> {
  const networks = await hashesOfNetwork(services, userId ?? 'nobody')
  if (networks.length === 0) return false
  const known = await db.execute(sql`
    select from password_tries
    where subject = ${userId ?? 'nobody'} and network in ${networks}
      and entered_at > now() - make_interval(days => ${knownNetworkDays})
    limit 1`)
  return known.length > 0
}

/** The request's network as it is kept for a user: hashed with the uid, so that nobody sees who shares one. Newest key first; none where no limit counts by it. */
async function hashesOfNetwork(services: Pick<Services, 'index' | 'request'>, userId: string): Promise<string[]> {
  const network = countedNetwork(services)
  return network ? services.index.all('network', `${userId} ${network}`) : []
}

/**
 * Forgets from where a user entered: whoever knew the password until now may have made a network known. Networks first, as a try locks them, so that
 * neither waits for the other.
 */
export async function forgetKnownNetworks({ db }: Pick<Services, 'db'>, userId: string): Promise<void> {
  const ofNetworks = notInArray(passwordTries.network, ['', 'known'])
  await db.delete(passwordTries).where(and(eq(passwordTries.subject, userId), ofNetworks))
  await db.delete(passwordTries).where(eq(passwordTries.subject, userId))
}
