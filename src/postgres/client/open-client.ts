import postgres, { type Options as DriverOptions, type PostgresType, type Sql } from 'postgres'
import { DatabaseConnectError } from '../errors.ts'
import type { DatabaseTarget } from '../url/database-target.ts'
import { parseDatabaseUrl } from '../url/parse-database-url.ts'
import { type ClientConnection, createBoundedClient } from './bound-client.ts'
import { createConnection, type DatabaseConnection } from './connection.ts'
import { createDialer, defaultConnectSeconds } from './dialer.ts'
import { backendOf, cancelByDriver, startupPadding } from './quirks.ts'
import type { ClientOptions } from './run-statement.ts'
import { openTlsContext } from './tls.ts'

/** `keepsSockets`: false where a client lives no longer than a request (Workers). */
type Options = ClientOptions & { keepsSockets: boolean; onBroken?: (connections: number) => void }

/**
 * What the code reads and reckons with, whatever the server or the role has as its default: how points in time are written, and that a day has 24
 * hours. These two every pooler carries; a transaction says its isolation as it begins.
 */
const sessionSettings = { DateStyle: 'ISO, MDY', TimeZone: 'UTC' }

/** Opens a pool whose callers never wait without end, and which finds the database again by itself within a quarter of a second. */
export function openClient(url: string, { keepsSockets, onBroken, ...bounds }: Options) {
  const target = parseDatabaseUrl(url)
  const template = postgres(driverOptions(target, { prepare: bounds.prepare, keepsSockets }))
  // The driver would look for a host by itself, without rest, and with promises that nobody waits for.
  Object.assign(template.options, { target_session_attrs: null })
  const clients: Sql[] = []
  const connections: DatabaseConnection[] = []
  const dialer = keepsSockets ? createDialer({ ...target, tls: openTlsContext(target.tls) }) : undefined

  function open(onclose: () => void): ClientConnection {
    const connection = dialer && createConnection(dialer)
    const client = withSameOptions(template, { onclose, ...(connection && { socket: connection.open }) })
    clients.push(client)
    if (!connection)
      // What is to end ends with the request.
      return { client, answered: nothing, refused: nothing, close: () => true, cancel: cancelByDriver }
    connections.push(connection)
    return {
      client,
      answered: connection.answered,
      refused: connection.refused,
      close: () => connection.leave(),
      async cancel(query) {
        const backend = backendOf(query)
        if (backend) await connection.cancel(backend)
      },
    }
  }

  const onSilence = (time: number) => {
    const broken = connections.filter((connection) => connection.leaveIfSilent(time)).length
    if (broken > 0) onBroken?.(broken)
  }
  const close = async () => {
    await Promise.all(clients.map((client) => client.end({ timeout: 5 })))
  }
  const asksForRole = keepsSockets && target.role === 'primary'
  const environment = {
    ...{ open, hosts: target.hosts.length, asksForRole, onSilence },
    ...(!keepsSockets && { explain: explainSocketError }),
  }
  return { ...createBoundedClient(environment, bounds), close }
}

/** One connection that is found and encrypted in the same way, with no limits around it: for COPY, and transactions that take their time. */
export function openSingleClient(url: string): Sql {
  const target = parseDatabaseUrl(url)
  const template = postgres(driverOptions(target, { prepare: false, keepsSockets: true }))
  Object.assign(template.options, { target_session_attrs: null })
  const connection = createConnection(createDialer({ ...target, tls: openTlsContext(target.tls) }))
  return withSameOptions(template, { socket: connection.open })
}

/** What Postgres and the driver say has a code; what Workers' sockets say has none, and many words. */
const explainSocketError = (error: unknown): unknown =>
  error instanceof Error && !('code' in error) ? new DatabaseConnectError(error) : error

const nothing = () => undefined

function driverOptions(
  target: DatabaseTarget,
  { prepare, keepsSockets }: { prepare: boolean; keepsSockets: boolean },
): DriverOptions<Record<string, PostgresType>> {
  const { hosts, user, password, database, tls, connectTimeout = defaultConnectSeconds, keepAlive } = target
  const [host] = hosts
  const { mode, isChosen } = tls
  return {
    // Lists, since it would look for a port in an IPv6 address.
    host: [host?.host] as unknown as string,
    port: [host?.port] as unknown as number,
    ...(host?.socketPath && { path: host.socketPath }),
    ...(user && { user }),
    ...(password && { password }),
    ...(database && { database }),
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    max: 1,
    connect_timeout: connectTimeout,
    // Seconds: the library's own grows to 20, for which the service would stay away after the database is back.
    backoff: () => 0.25,
    fetch_types: false,
    // Of the driver's own statements, which begin and end transactions.
    prepare,
    onnotice: nothing,
    ssl: driverTls[keepsSockets || !isChosen ? 'disable' : mode],
    connection: {
      ...target.serverSettings,
      application_name: target.applicationName ?? 'smswithoutborders',
      ...(keepsSockets && {
        ...sessionSettings,
        application_name: `${target.applicationName ?? 'smswithoutborders'}${startupPadding}`,
      }),
    },
  }
}

/** Where the driver itself connects, which is where no file is, and only the platform's certificates are trusted. */
const driverTls = {
  disable: false,
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-full',
  'verify-full': 'verify-full',
} as const

/** One more with the same options: the driver takes a client's as they are, so that what Drizzle sets there holds for all. */
const withSameOptions = ({ options }: Sql, own: object): Sql =>
  (postgres as unknown as (options: object) => Sql)({ ...options, ...own })
