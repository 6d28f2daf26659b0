import ipaddr from 'ipaddr.js'
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
