import { isSupportedCountry } from 'libphonenumber-js/max'
import * as z from 'zod'
import { parseDatabaseUrl } from '../postgres/url/parse-database-url.ts'
import { count, flag, listOf, percent, port, seconds, text, wholeNumber } from './kinds.ts'
import { readCidr } from './read-cidr.ts'
import { baseUrl, endpointBaseUrl, endpointUrl } from './urls.ts'

/** An IPv6 address may stand in brackets, as in a URL. */
const host = text.transform((value) => value.replace(/^\[(.*)\]$/, '$1'))

/** Every setting: how it is read. Defaults stand in `readConfig`, since some depend on others. */
export const settings = {
  NODE_ENV: z.enum(['development', 'production', 'test'], 'must be development or production'),
  PORT: port,
  HOST: host,
  DATABASE_URL: text.superRefine(checkDatabaseUrl),
  DATABASE_POOL: count,
  DATABASE_PREPARE: flag,
  DATABASE_TIMEOUT: wholeNumber(3, 'must be a whole number of seconds, at most 999'),
  DATA_DIR: text,
  SHUTDOWN_DELAY: wholeNumber(3, 'must be a whole number of seconds, at most 999'),
  SECRET_KEYS: listOf(readKey, 'must be id:key[,…] with keys of 32 bytes in base64, ids of letters and digits').refine(
    (keys) => new Set(keys.map(({ id }) => id)).size === keys.length,
    'has two keys with one id',
  ),
  ORIGINS: text
    .refine((value) => !/(^|,)\s*(null|file:[^,]*)\s*(,|$)/i.test(value), {
      error: 'must not have null or file://, which any page opened from a file has: serve the page over http(s)',
      abort: true,
    })
    .pipe(
      listOf(readOrigin, 'must be origins such as https://app.example.org or capacitor://localhost, without a path'),
    ),
  COOKIE_SECURE: flag,
  SESSION_MAX_AGE: seconds,
  SESSION_ABSOLUTE_AGE: seconds,
  SESSION_BIND_USER_AGENT: z.enum(['off', 'enforce'], 'must be off or enforce'),
  OTP_RESEND_WAITS: listOf(readSeconds, 'must be seconds, comma-separated'),
  OTP_LIFETIME: seconds,
  OTP_TRIES: count,
  LOGIN_TRIES: count,
  LOGIN_BLOCK: seconds,
  LOGIN_BLOCKS: count,
  LOGIN_LONG_BLOCK: seconds,
  LOGIN_CEILING: count,
  LOGIN_NETWORK_TRIES: count,
  LOGIN_NETWORK_DAILY: count,
  LOGIN_HOURLY: count,
  LOGIN_DAILY: count,
  SIGNUP_NETWORK_HOURLY: count,
  SIGNUP_NETWORK_DAILY: count,
  SIGNUP_HOURLY: count,
  SIGNUP_DAILY: count,
  RECOVERY_NETWORK_HOURLY: count,
  RECOVERY_NETWORK_DAILY: count,
  RECOVERY_HOURLY: count,
  RECOVERY_DAILY: count,
  PLATFORM_STARTS_USER_HOURLY: count,
  PLATFORM_STARTS_USER_DAILY: count,
  PLATFORM_STARTS_NETWORK_HOURLY: count,
  PLATFORM_STARTS_NETWORK_DAILY: count,
  PLATFORM_STARTS_HOURLY: count,
  PLATFORM_STARTS_DAILY: count,
  PASSWORD_QUEUE: count,
  PLATFORM_TIMEOUT: wholeNumber(3, 'must be a whole number of seconds, at most 999'),
  SMS_PROVIDER: z.enum(
    ['console', 'webhook', 'twilio-verify', 'twilio'],
    'must be console, webhook, twilio-verify or twilio',
  ),
  SMS_FALLBACK_PROVIDER: z.enum(['webhook', 'twilio-verify', 'twilio'], 'must be webhook, twilio-verify or twilio'),
  SMS_HOURLY: count,
  SMS_DAILY: count,
  SMS_SHARE: percent,
  SMS_RESERVE: percent,
  SMS_NUMBER_DAILY: count,
  SMS_NETWORK_DAILY: count,
  SMS_NETWORK_DAILY_TOTAL: count,
  SMS_COUNTRY_DAILY_FLOOR: count,
  SMS_ALLOWED_COUNTRIES: listOf(readCountry, 'must be ISO 3166 codes of two letters, comma-separated'),
  SMS_DENIED_COUNTRIES: listOf(readCountry, 'must be ISO 3166 codes of two letters, comma-separated'),
  SMS_WEBHOOK_URL: endpointUrl,
  SMS_WEBHOOK_SECRET: text.regex(
    /^(whsec_)?([A-Za-z0-9+/]{4}){8,21}([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?$/,
    'must be 24 to 64 bytes in base64, with or without whsec_ before them',
  ),
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  TWILIO_SERVICE_SID: text,
  TWILIO_FROM: text,
  TWILIO_BASE_URL: baseUrl,
  GOOGLE_CLIENT_ID: text,
  GOOGLE_CLIENT_SECRET: text,
  GOOGLE_BASE_URL: baseUrl,
  TWITTER_API_KEY: text,
  TWITTER_API_KEY_SECRET: text,
  TWITTER_CLIENT_ID: text,
  TWITTER_CLIENT_SECRET: text,
  TWITTER_PROTOCOL: z.enum(['oauth', 'oauth2'], 'must be oauth or oauth2'),
  TWITTER_BASE_URL: baseUrl,
  TELEGRAM_API_ID: wholeNumber(12, 'must be a whole number'),
  TELEGRAM_API_HASH: text,
  TELEGRAM_RESEND_WAITS: listOf(readSeconds, 'must be seconds, comma-separated'),
  TELEGRAM_NUMBERS_USER_DAILY: count,
  TELEGRAM_CODES_USER_DAILY: count,
  TELEGRAM_CODES_NETWORK_DAILY: count,
  TELEGRAM_CODES_DAILY: count,
  TELEGRAM_SERVERS: listOf(readTelegramServer, 'must be dc=host:port[,…]'),
  TELEGRAM_PUBLIC_KEY: text.refine((pem) => pem.includes('-----BEGIN'), 'must be an RSA public key in PEM'),
  MASTODON_BASE_URL: baseUrl,
  MASTODON_CLIENT_ID: text,
  MASTODON_CLIENT_SECRET: text,
  CAPTCHA_PROVIDER: z.enum(['recaptcha', 'hcaptcha', 'turnstile'], 'must be recaptcha, hcaptcha or turnstile'),
  CAPTCHA_SECRET: text,
  CAPTCHA_VERIFY_URL: endpointUrl,
  CAPTCHA_FACTOR: count,
  LEGACY_CLIENTS: flag,
  HIDE_ACCOUNTS: flag,
  PASSWORD_CHANGE_PURGES_GRANTS: flag,
  BREACHED_PASSWORDS_URL: endpointBaseUrl,
  AUDIT_DAYS: wholeNumber(4, 'must be a whole number of days'),
  TRUSTED_PROXIES: listOf(readCidr, 'must be CIDRs such as 10.0.0.0/8, or addresses, but not /0'),
  SANDBOX: flag,
  DOCS: flag,
  METRICS_PORT: port,
  METRICS_HOST: host,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpointBaseUrl,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpointUrl,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
}

export type SettingName = keyof typeof settings

/** The names of all settings, as in `.env.example`. */
export const settingNames = Object.keys(settings) as SettingName[]

/** The settings that are set, as they were read. */
export type Given = { [Name in keyof typeof settings]?: z.output<(typeof settings)[Name]> }

function checkDatabaseUrl(value: string, context: z.RefinementCtx) {
  try {
    parseDatabaseUrl(value)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : '' })
  }
}

function readKey(entry: string) {
  const [, id, encoded] = /^([A-Za-z0-9]{1,32}):([A-Za-z0-9+/]{43}=?)$/.exec(entry) ?? []
  return id && encoded
    ? { id, bytes: Uint8Array.from(atob(encoded.padEnd(44, '=')), (letter) => letter.charCodeAt(0)) }
    : undefined
}

/** A page's own scheme says that it can't be told from others with this one, or that it isn't a page. */
const noOrigins = new Set(['about:', 'blob:', 'content:', 'data:', 'filesystem:', 'ftp:', 'javascript:', 'ws:', 'wss:'])

/** As browsers write it, since it's compared with what they send. Those of web views (`capacitor://localhost`) have no form but their own. */
function readOrigin(entry: string) {
  const [, scheme = '', host] = /^([a-z][a-z\d+.-]*:)\/\/([^\s/\\?#@*]+)\/?$/i.exec(entry) ?? []
  const protocol = scheme.toLowerCase()
  if (host === undefined || noOrigins.has(protocol)) return undefined
  return /^https?:$/.test(protocol) ? URL.parse(entry)?.origin : `${protocol}//${host}`
}

function readTelegramServer(entry: string) {
  const [, dc, host, portNumber] = /^(\d{1,4})=(.+):(\d{1,5})$/.exec(entry) ?? []
  return host && Number(portNumber) < 65_536 ? { dc: Number(dc), host, port: Number(portNumber) } : undefined
}

function readSeconds(entry: string) {
  return seconds.safeParse(entry).data
}

/** ZZ: numbers of no country, such as those of satellites. */
function readCountry(entry: string) {
  return entry === 'ZZ' || isSupportedCountry(entry) ? entry : undefined
}
