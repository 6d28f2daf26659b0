import ipaddr from 'ipaddr.js'

/** Names that no public DNS answers. A single word is a machine's or a container's of one's own network. */
const privateNames = /^[^.]+$|\.(localhost|local|internal|lan|home|home\.arpa|intranet|private|corp|test)$/i

const privateRanges: ReadonlySet<string> = new Set([
  ...['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat', 'unspecified'],
])

/** Whether what is sent to a URL's host stays on this machine or a network of one's own. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  return ipaddr.isValid(host) ? privateRanges.has(ipaddr.process(host).range()) : privateNames.test(host)
}
