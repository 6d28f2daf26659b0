import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

/** Stands for the host of an HTTP/1.0 request that names none, as health checks send. No page has it as its origin (RFC 6761). */
export const placeholderHost = 'none.invalid'

/** HTTP/1.1 wants one Host (RFC 9112, 3.2). Two would let a proxy and this server read one request as two different ones. */
export function hasValidHost({ httpVersion, headers, rawHeaders }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length
  return hosts === 0 ? httpVersion === '1.0' : hosts === 1 && headers.host !== ''
}

const localHosts = new Set(['0.0.0.0', '::', '::0', '0:0:0:0:0:0:0:0', '127.0.0.1', ''])

/** A URL's host and port for who listens at `host`: as one on this machine would write it. */
export function addressOf(host: string, port: number): string {
  if (localHosts.has(host)) return `localhost:${port}`
  return isIPv6(host) ? `[${host.replace('%', '%25')}]:${port}` : `${host}:${port}`
}
