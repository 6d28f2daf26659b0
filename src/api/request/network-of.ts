import ipaddr from 'ipaddr.js'
import { unreadable } from './remote-address.ts'

/** The network of an address, as far as one customer's reaches: the first 24 bits of IPv4 (also where IPv6 carries it), 48 of IPv6; one for all that can't be read. */
export function networkOf(address: string | undefined): string | undefined {
  if (address === unreadable) return unreadable
  if (!address || !ipaddr.isValid(address)) return undefined
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return `${ipaddr.IPv4.networkAddressFromCIDR(`${parsed.toString()}/24`)}/24`
  const [bare = ''] = parsed.toString().split('%')
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${bare}/48`)}/48`
}
