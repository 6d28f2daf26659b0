import { parseDatabaseUrl } from './parse-database-url.ts'

/** Where a database is and how the connection is protected, without its user and password. */
export function describeDatabase(url: string): string {
  const { hosts, database, user, tls } = parseDatabaseUrl(url)
  const addresses = hosts.map(({ host, port, socketPath }) => socketPath ?? `${host}:${port}`)
  return `${database ?? user ?? 'postgres'} at ${addresses.join(', ')}, sslmode=${tls.mode}`
}
