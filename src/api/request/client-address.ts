import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'
import { RefusedError } from '../../errors.ts'
import type { Log } from '../../services.ts'
import type { ApiEnv } from '../api-env.ts'

/** Stands for the address of a client that a trusted proxy tells nothing readable of. */
export const unreadable = 'unreadable'

/**
 * The client's address: the connection's, or behind trusted proxies the last address in X-Forwarded-For that isn't one of them. Where a trusted proxy
 * wrote something else there, it's `unreadable`: all such clients are taken for one network, which is better than none.
 */
export function remoteAddressOf(c: Context<ApiEnv>): string | undefined {
  const { services, remoteAddress, isClientAddress } = c.env
  const trusted = parse(services.settings.trustedProxies)
  const isTrusted = (address: string) => {
    const parsed = ipaddr.process(address)
    return trusted.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits))
  }
  let address = remoteAddress
  // Lines of one header arrive as one, in their order.
  const hops = c.req.header('X-Forwarded-For')?.split(',') ?? []
  if (hops.length > 0 && !isClientAddress && !(address && isTrusted(address))) warnIgnored(services.log, address)
  while (address && isTrusted(address)) {
    const hop = hops.pop()?.trim()
    if (!hop) break
    const next = readHop(hop)
    if (!next) {
      warnUnreadable(services.log)
      return unreadable
    }
    address = next
  }
  return address
}

/** An address as proxies write it: `198.51.100.7:51234`, `[2001:db8::1]:443`, in quotes, with a zone. */
function readHop(hop: string): string | undefined {
  const text = hop.replace(/^"(.*)"$/, '$1')
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? []
  const [, withPort] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? []
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, '')
  const isWhole = address.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(address)
  return isWhole && ipaddr.isValid(address) ? address : undefined
}

const loggedOnce = new WeakMap<Log, Set<string>>()

/** A line once in the life of a log: whoever sends such headers can't fill it. */
function warnOnce(log: Log, message: string, fields = {}): void {
  const lines = loggedOnce.get(log) ?? new Set()
  loggedOnce.set(log, lines)
  if (lines.has(message)) return
  lines.add(message)
  log.warn(message, fields)
}

const warnUnreadable = (log: Log) =>
  warnOnce(log, 'X-Forwarded-For from a trusted proxy has no readable address; such clients share their limits')

/** The address is told only where it's no client's. */
function warnIgnored(log: Log, address: string | undefined): void {
  const isNear = address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() !== 'unicast'
  const message =
    'Ignoring X-Forwarded-For from an address that is not in TRUSTED_PROXIES. If this is your proxy, add it: limits per network depend on it'
  warnOnce(log, message, isNear ? { from: address } : {})
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

/** The network of an address, as far as one customer's reaches: the first 24 bits of IPv4 (also where IPv6 carries it), 48 of IPv6; one for all that can't be read. */
export function networkOf(address: string | undefined): string | undefined {
  if (address === unreadable) return unreadable
  if (!address || !ipaddr.isValid(address)) return undefined
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return `${ipaddr.IPv4.networkAddressFromCIDR(`${parsed.toString()}/24`)}/24`
  const [bare = ''] = parsed.toString().split('%')
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${bare}/48`)}/48`
}

/** A session is bound to it, so it must be there. */
export function userAgentOf(c: Context<ApiEnv>): string {
  const userAgent = c.req.header('User-Agent') ?? ''
  if (!userAgent && c.env.services.settings.sessions.bindUserAgent) {
    throw new RefusedError('bad_request', 'a User-Agent header is required', { fields: ['User-Agent'] })
  }
  return userAgent
}
