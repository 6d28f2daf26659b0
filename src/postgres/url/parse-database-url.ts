import { type DatabaseTarget, DatabaseUrlError } from './database-target.ts'
import { classifyParameter } from './parameters.ts'
import { isRemote, readHosts } from './read-hosts.ts'
import { compact, oneOf, readTls, type TakeParameter } from './read-tls.ts'

const percentEncode =
  'is not a connection URL: percent-encode the reserved characters in its user name and password (/ as %2F, ? as %3F, # as %23, @ as %40, % as %25)'

const unprotected =
  'names a remote host without sslmode: the connection is encrypted only if the server offers it, and its identity is not checked. Set sslmode=verify-full, or sslmode=disable on a private network'

const notEnforced = (what: string) =>
  `has ${what}, which this server cannot enforce: sslmode=verify-full protects against man-in-the-middle attacks`

/** Reads a connection URL as libpq does. Throws a `DatabaseUrlError`. */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(url) ?? []
  if (rest === undefined) throw new DatabaseUrlError('must be a postgres:// URL')
  const [, before = '', path = '', query = ''] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? []
  const at = before.lastIndexOf('@')
  // What follows a reserved character in a password is taken for a port, a name or a parameter, and the @ then stands there.
  if (rest.includes('#') || path.includes('@')) throw new DatabaseUrlError(percentEncode)
  try {
    return read({ credentials: before.slice(0, Math.max(0, at)), hosts: before.slice(at + 1), path, query })
  } catch (error) {
    const isTorn = at < 0 && query.includes('@')
    throw isTorn ? new DatabaseUrlError(percentEncode) : error
  }
}

type Parts = { credentials: string; hosts: string; path: string; query: string }

function read(parts: Parts): DatabaseTarget {
  const [user, password] = splitOnce(parts.credentials, ':')
  const parameters = readQuery(parts.query)
  const take: TakeParameter = (name) => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value || undefined
  }
  const named = { host: take('host'), hostaddr: take('hostaddr'), port: take('port') }
  const hosts = readHosts(parts.hosts, named, decode)
  const tls = readTls(take, hosts.some(isRemote))
  const keepAlive = readSeconds('keepalives_idle', take('keepalives_idle'))
  const connectTimeout = readSeconds('connect_timeout', take('connect_timeout'))
  const role = oneOf('target_session_attrs', take('target_session_attrs'), ['any', 'read-write', 'primary'])
  const shuffle = oneOf('load_balance_hosts', take('load_balance_hosts'), ['disable', 'random'])
  return {
    hosts,
    tls,
    role: role === undefined || role === 'any' ? 'any' : 'primary',
    isShuffled: shuffle === 'random',
    ...compact({
      user: take('user') ?? (decode(user) || undefined),
      password: take('password') ?? (decode(password) || undefined),
      database: take('dbname') ?? (decode(parts.path) || undefined),
      // libpq's 0: no limit. Here there is always one.
      connectTimeout: connectTimeout === 0 ? undefined : connectTimeout,
      keepAlive: take('keepalives') === '0' ? 0 : keepAlive,
      applicationName: take('application_name'),
    }),
    ...readOthers(take, parameters, hosts.some(isRemote) && !tls.isChosen ? [unprotected] : []),
  }
}

/** What is refused, since it would mean another database or less protection; what is sent; and what is dropped. */
function readOthers(take: TakeParameter, parameters: Map<string, string>, warnings: string[]) {
  for (const name of ['service', 'servicefile', 'passfile', 'replication'])
    if (take(name) !== undefined) throw new DatabaseUrlError(`has ${name}, which is not supported`)
  if (oneOf('gssencmode', take('gssencmode'), ['disable', 'prefer', 'require']) === 'require')
    throw new DatabaseUrlError('has gssencmode=require, which is not supported: use sslmode=verify-full')
  if (oneOf('channel_binding', take('channel_binding'), ['disable', 'prefer', 'require']) === 'require')
    warnings.push(notEnforced('channel_binding=require'))
  if (take('require_auth') !== undefined) warnings.push(notEnforced('require_auth'))
  const serverSettings: Record<string, string> = {}
  for (const [name, value] of parameters) {
    const kind = classifyParameter(name)
    if (kind === 'sent') serverSettings[name] = value
    if (kind !== 'unknown') continue
    if (/[@/]/.test(name) || value.includes('@')) throw new DatabaseUrlError(percentEncode)
    warnings.push(`has an unknown parameter, which is ignored: ${name.slice(0, 40)}`)
  }
  return { serverSettings, warnings }
}

/** The last of a name counts. A plus sign is a space only where nothing else makes sense, as libpq reads it literally. */
function readQuery(query: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&').filter(Boolean)) {
    const [name, value] = splitOnce(pair, '=').map(decode) as [string, string]
    parameters.set(name, name === 'options' ? value.replaceAll('+', ' ') : value)
  }
  return parameters
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}

function decode(part: string): string {
  try {
    const text = decodeURIComponent(part)
    if (!text.includes('\0')) return text
  } catch {}
  throw new DatabaseUrlError(percentEncode)
}

function readSeconds(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^-?\d{1,6}$/.test(value)) throw new DatabaseUrlError(`has a ${name} that is not a number of seconds`)
  return Math.max(0, Number(value))
}

/** Where a database is and how the connection is protected, without its user and password. */
export function describeDatabase(url: string): string {
  const { hosts, database, user, tls } = parseDatabaseUrl(url)
  const addresses = hosts.map(({ host, port, socketPath }) => socketPath ?? `${host}:${port}`)
  return `${database ?? user ?? 'postgres'} at ${addresses.join(', ')}, sslmode=${tls.mode}`
}
