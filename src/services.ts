import type { Captcha } from './captcha/open-captcha.ts'
import type { BlindIndex } from './crypto/blind-index.ts'
import type { Passwords } from './crypto/passwords.ts'
import type { Seal } from './crypto/seal.ts'
import type { Platform } from './platforms/platform.ts'
import type { Database } from './postgres/database.ts'
import type { CodeSender } from './sms/code-sender.ts'
import type { Observer } from './telemetry/observer.ts'

/** Everything that the domain works with. A runtime opens it once (a Worker: once a request); tests pass their own. */
export type Services = {
  db: Database
  seal: Seal
  blindIndex: BlindIndex
  /** Whether `seal` opens what is stored, as far as it's known; shared by all requests. `askedAt`: of `performance.now()`. */
  keyState: { fit?: boolean; askedAt: number }
  passwords: Passwords
  codeSender: CodeSender
  /** Absent: no captcha is asked for. */
  captcha?: Captcha
  /** By name; only those with credentials. */
  platforms: ReadonlyMap<string, Platform>
  log: Log
  observer: Observer
  settings: Settings
  /**
   * The request that is being served, or that stored the job which is being done. `network`: its client's, 24 bits of IPv4 or 48 of IPv6.
   * Absent: an operator at a terminal.
   */
  request?: { id: string; readonly network?: string | undefined }
  /**
   * Says that a job was stored, so that the job loop needn't wait for its next turn. `in a while`: not at once but within a few seconds, so that
   * nobody who listens to the server can tell by whose request it was stored.
   */
  wakeJobs(when?: 'in a while'): void
  /** Begins `work` after the answer, which mustn't show how long it takes or how it ends. The runtime lets it end before it closes. */
  background(work: () => Promise<void>, requestId?: string): void
}

/** What an operator sets that the domain and the API follow. Times are in seconds. */
export type Settings = {
  origins: readonly string[]
  secureCookies: boolean
  sessions: { maxAge: number; absoluteAge: number; bindUserAgent: boolean }
  codes: { resendWaits: readonly number[]; lifetime: number; tries: number }
  logins: { tries: number; block: number; blocks: number; longBlock: number; ceiling: number } & LoginNetworks
  /** Codes within the last hour and day. Countries are ISO 3166 codes. */
  sends: {
    hourly: number
    daily: number
    /** Of those: what one country or one network can have at most, between 0 and 1. */
    share: number
    /** A part of each of these limits, that comes on top of it for who has solved a captcha, and twice from a known network. */
    reserve: number
    numberDaily: number
    /** Never entered. */
    networkDaily: number
    /** Entered or not. */
    networkDailyTotal: number
    /** Never entered; those that were entered add to it. */
    countryDailyFloor: number
    /** Absent: all. */
    allowedCountries?: readonly string[]
    deniedCountries: readonly string[]
  }
  limits: Limits
  /** How many times more a network may do once a captcha was solved. */
  captchaFactor: number
  connections: Connections
  platformTimeout: number
  pendingLifetime: number
  legacyClients: boolean
  hideAccounts: boolean
  passwordChangePurgesGrants: boolean
  breachedPasswords?: { url: string; authorization?: string }
  /** How long a security event is kept. */
  auditDays: number
  /** CIDRs of proxies whose X-Forwarded-For counts. */
  trustedProxies: readonly string[]
}

/** Wrong passwords from one network, in the time of a block and in a day; and from all clients together whose network isn't known. */
type LoginNetworks = { networkTries: number; networkDaily: number; hourly: number; daily: number }

/** How often something may be done within an hour and within a day. `windowSeconds`: in place of the hour. */
export type Quota = { hourly: number; daily: number; windowSeconds?: number }

/** What strangers' requests may cause, each client network by itself and all of them together. */
export type Limits = Record<'signups' | 'recoveries', { network: Quota; everybody: Quota }>

type ConnectionQuotas = { user: Quota; network: Quota; everybody: Quota }

/**
 * How often connections to platforms are begun; and how often a platform is asked for its own code: `waits` between two to one number (seconds),
 * `numbersDaily`, the numbers of one user.
 */
export type Connections = {
  starts: ConnectionQuotas
  codes: ConnectionQuotas & { waits: readonly number[]; numbersDaily: number }
}

type LogFields = Readonly<Record<string, unknown>>

/** Structured log lines: never a phone number, code, token, cookie, password or body. */
export type Log = {
  /** Absent where nobody reads it: what it would be told needn't be found out. */
  debug?(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}
