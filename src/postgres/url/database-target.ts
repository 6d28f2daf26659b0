export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

/** One of the servers that a URL names. `address`: connect there; `host` then is only the name in its certificate. */
export type DatabaseHost = { host: string; address?: string; port: number; socketPath?: string }

export type DatabaseTls = {
  mode: SslMode
  /** Whether the URL says so. */
  isChosen: boolean
  /** TLS from the first byte, without asking for it in Postgres's protocol. */
  isDirect: boolean
  sendsServerName: boolean
  /** Files; the first may also be `system`. */
  rootCertificate?: string
  revocationList?: string
  certificate?: string
  key?: string
  keyPassphrase?: string
  minVersion?: TlsVersion
  maxVersion?: TlsVersion
}

export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof tlsVersions)[number]

/** Where a database is and how to connect to it. */
export type DatabaseTarget = {
  hosts: readonly DatabaseHost[]
  /** Each connection begins with another host. */
  isShuffled: boolean
  /** `primary`: a host that takes no writes is passed over before a statement is sent there. */
  role: 'any' | 'primary'
  user?: string
  password?: string
  database?: string
  tls: DatabaseTls
  /** Seconds. */
  connectTimeout?: number
  /** Seconds; 0: none. */
  keepAlive?: number
  applicationName?: string
  /** Settings of Postgres's own, sent as a connection begins. */
  serverSettings: Readonly<Record<string, string>>
  /** What an operator should know. No value of the URL stands in it. */
  warnings: readonly string[]
}

/** What is wrong with a connection URL, to follow the setting's name. No value stands in it: the URL has a password. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError'
}
