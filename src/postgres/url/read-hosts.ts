import { type DatabaseHost, DatabaseUrlError } from './database-target.ts'

/** Lists, comma-separated, as the parameters of these names have them. They take the place of what stands before the path. */
type Parameters = { host: string | undefined; hostaddr: string | undefined; port: string | undefined }

const defaultPort = 5432

/** The hosts of a URL: `before` is what stands in it between the password and the path, still encoded. */
export function readHosts(before: string, parameters: Parameters, decode: (part: string) => string): DatabaseHost[] {
  const written = before.split(',').map((entry) => readHost(entry, decode))
  const hosts = parameters.host?.split(',') ?? written.map(({ host }) => host)
  const addresses = parameters.hostaddr?.split(',') ?? []
  const all = parameters.host === undefined && addresses.length > hosts.length ? addresses.map(() => '') : hosts
  if (addresses.length > 0 && addresses.length !== all.length)
    throw new DatabaseUrlError('must have as many addresses (hostaddr) as hosts')
  const ports = parameters.port?.split(',') ?? written.map(({ port }) => port)
  if (ports.length > 1 && ports.length !== all.length) throw new DatabaseUrlError('must have as many ports as hosts')
  return all.map((name, index) => {
    const port = readPort(ports[index] ?? ports[0] ?? '')
    const address = addresses[index]
    const host = name || address || 'localhost'
    if (host.startsWith('/')) return { host, port, socketPath: `${host}/.s.PGSQL.${port}` }
    return { host, port, ...(address && { address }) }
  })
}

/** An IPv6 address stands in brackets, the folder of a unix socket is percent-encoded. */
function readHost(entry: string, decode: (part: string) => string): { host: string; port: string } {
  const [, bracketed, name = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(entry) ?? []
  if (port.includes(':')) throw new DatabaseUrlError('has an IPv6 address without brackets; write [::1]:5432')
  return { host: decode(bracketed ?? name), port }
}

function readPort(text: string): number {
  if (text === '') return defaultPort
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw new DatabaseUrlError('has an invalid port; expected 1 to 65535')
  return port
}

/** Whether others may listen on the way there. */
export const isRemote = ({ host, address, socketPath }: DatabaseHost): boolean =>
  socketPath === undefined && !/^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(address ?? host)
