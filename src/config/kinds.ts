import ipaddr from 'ipaddr.js'
import * as z from 'zod'

/* Kinds of settings, of which there are several each. */

export const text = z.string()
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true')

export const wholeNumber = (digits: number, message: string) =>
  text.regex(new RegExp(`^[1-9]\\d{0,${digits - 1}}$`), message).transform(Number)

export const count = wholeNumber(6, 'must be a whole number')
export const percent = wholeNumber(3, 'must be a whole number, at most 100').refine(
  (value) => value <= 100,
  'must be a whole number, at most 100',
)
/** At most 31 years: Postgres counts them in 32 bits. */
export const seconds = wholeNumber(9, 'must be a whole number of seconds')

/** Of a setting with no more than three digits. */
export const shortTime = wholeNumber(3, 'must be a whole number of seconds, at most 999')

/** One entry of a list of seconds. */
export const readSeconds = (entry: string) => seconds.safeParse(entry).data

/** An IPv6 address may stand in brackets, as in a URL. */
export const host = text.transform((value) => value.replace(/^\[(.*)\]$/, '$1'))

export const port = text
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((value) => value < 65_536, 'must be a port number')

/** At least one entry, comma-separated. `read` answers undefined to a wrong one. */
export const listOf = <Entry>(read: (entry: string) => Entry | undefined, message: string) =>
  text.transform((value, context) => {
    const entries = value
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean)
    const right = entries.map(read).filter((entry) => entry !== undefined)
    if (right.length === 0 || right.length < entries.length) context.addIssue({ code: 'custom', message })
    return right
  })

/** One address is a network of its own. `/0` would let every client say where it comes from. */
export function readCidr(entry: string): string | undefined {
  const bits = ipaddr.IPv4.isValidFourPartDecimal(entry) ? 32 : ipaddr.IPv6.isValid(entry) ? 128 : undefined
  const cidr = bits ? `${entry}/${bits}` : entry
  return ipaddr.isValidCIDR(cidr) && ipaddr.parseCIDR(cidr)[1] > 0 ? withoutMapping(cidr) : undefined
}

/** `::ffff:10.0.0.0/104` is 10.0.0.0/8: clients' addresses are compared as IPv4. */
function withoutMapping(cidr: string): string | undefined {
  const [address, bits] = ipaddr.parseCIDR(cidr)
  if (!(address instanceof ipaddr.IPv6) || !address.isIPv4MappedAddress()) return cidr
  return bits > 96 ? `${address.toIPv4Address().toString()}/${bits - 96}` : undefined
}

/** A page's own scheme says that it can't be told from others with this one, or that it isn't a page. */
const noOrigins = new Set(['about:', 'blob:', 'content:', 'data:', 'filesystem:', 'ftp:', 'javascript:', 'ws:', 'wss:'])

/** As browsers write it, since it's compared with what they send. Those of web views (`capacitor://localhost`) have no form but their own. */
export function readOrigin(entry: string) {
  const [, scheme = '', host] = /^([a-z][a-z\d+.-]*:)\/\/([^\s/\\?#@*]+)\/?$/i.exec(entry) ?? []
  const protocol = scheme.toLowerCase()
  if (host === undefined || noOrigins.has(protocol)) return undefined
  return /^https?:$/.test(protocol) ? URL.parse(entry)?.origin : `${protocol}//${host}`
}
