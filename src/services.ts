import type { Captcha } from './captcha/captcha.ts'
import type { BlindIndex } from './crypto/blind-index.ts'
import type { Passwords } from './crypto/passwords.ts'
import type { Seal } from './crypto/seal.ts'
import type { Database } from './db/database.ts'
import type { Platform } from './platforms/platform.ts'
import type { CodeSender } from './sms/send-code.ts'

/** Everything that the domain works with. A runtime opens it once (a Worker: once a request); tests pass their own. */
export type Services = {
  db: Database
  seal: Seal
  index: BlindIndex
  passwords: Passwords
  codeSender: CodeSender
  /** Absent: no captcha is asked for. */
  captcha?: Captcha
  /** By name; only those with credentials. */
  platforms: ReadonlyMap<string, Platform>
  log: Log
  settings: Settings
  /** Says that a job was stored, so that the job loop needn't wait for its next turn. */
  wakeJobs(): void
}

/** What an operator sets that the domain and the API follow. Times are in seconds. */
export type Settings = {
  origins: readonly string[]
  secureCookies: boolean
  sessions: { maxAge: number; absoluteAge: number; bindUserAgent: boolean }
  codes: { resendWaits: readonly number[]; lifetime: number; tries: number }
  logins: { tries: number; block: number; blocks: number; longBlock: number }
  platformLimit: number
  pendingLifetime: number
  legacyClients: boolean
  hideAccounts: boolean
  passwordChangePurgesGrants: boolean
  breachedPasswordsUrl?: string
  /** CIDRs of proxies whose X-Forwarded-For counts. */
  trustedProxies: readonly string[]
}

type LogFields = Readonly<Record<string, unknown>>

/** Structured log lines: never a phone number, code, token, cookie, password or body. */
export type Log = {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}
