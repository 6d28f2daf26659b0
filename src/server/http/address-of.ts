import { isIPv6 } from 'node:net'

const localHosts = new Set(['0.0.0.0', '::', '::0', '0:0:0:0:0:0:0:0', '127.0.0.1', ''])

/** A URL's host and port for who listens at `host`: as one on this machine would write it. */
export function addressOf(host: string, port: number): string {
  if (localHosts.has(host)) return `localhost:${port}`
  return isIPv6(host) ? `[${host.replace('%', '%25')}]:${port}` : `${host}:${port}`
}
