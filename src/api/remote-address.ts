import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'
import type { ApiEnv } from './api-env.ts'

/** The client's address: the connection's, or behind trusted proxies the last address in X-Forwarded-For that isn't one of them. */
export function remoteAddressOf(c: Context<ApiEnv>): string | undefined {
  const trusted = parse(c.env.services.settings.trustedProxies)
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

const parsed = new WeakMap<readonly string[], ReturnType<typeof ipaddr.parseCIDR>[]>()

/** Once for each list: the settings' own lives as long as the process. */
function parse(cidrs: readonly string[]) {
  const known = parsed.get(cidrs)
  if (known) return known
  const made = cidrs.map((cidr) => ipaddr.parseCIDR(cidr))
  parsed.set(cidrs, made)
  return made
}
