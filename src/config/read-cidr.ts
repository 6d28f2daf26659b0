import ipaddr from 'ipaddr.js'

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
