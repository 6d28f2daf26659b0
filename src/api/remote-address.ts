import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'
import type { ApiEnv } from './api-env.ts'

/** The client's address: the connection's, or behind trusted proxies the last address in X-Forwarded-For that isn't one of them. */
export function remoteAddressOf(c: Context<ApiEnv>): string | undefined {
  const trusted = c.env.services.settings.trustedProxies.map((cidr) => ipaddr.parseCIDR(cidr))
  const isTrusted = (address: string) => {
    const parsed = ipaddr.process(address)
    return trusted.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits))
  }
  let address = c.env.remoteAddress
  const hops = (c.req.header('X-Forwarded-For') ?? '').split(',').map((hop) => hop.trim())
  while (address && isTrusted(address)) {
    const next = hops.pop()
    if (!next || !ipaddr.isValid(next)) break
    address = next
  }
  return address
}
