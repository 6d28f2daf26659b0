import type { Config } from '../../src/config/config.ts'

export type Env = Readonly<Record<string, string>>
type Of = (config: Config) => unknown
type Example = {
  /** Where the setting shows itself. */
  of: Of
  unset?: unknown
  /** A value, and what it's read as. */
  reads: readonly [string, unknown]
  /** What it can't be, and the words that say so. */
  refuses?: readonly [values: readonly string[], message: string]
  /** What it needs beside it. */
  with?: Env
}

export const key = (byte: number) => btoa(String.fromCharCode(byte).repeat(32))
export const ring = `k2:${key(2)},k1:${key(1)}`

/** What must be set together. */
export const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' }
export const oauth1 = { TWITTER_API_KEY: 'id', TWITTER_API_KEY_SECRET: 'secret' }
export const oauth2 = { TWITTER_CLIENT_ID: 'id', TWITTER_CLIENT_SECRET: 'secret' }
export const telegram = { TELEGRAM_API_ID: '1', TELEGRAM_API_HASH: 'hash' }
const instance = { MASTODON_BASE_URL: 'https://social.example' }
export const mastodon = { ...instance, MASTODON_CLIENT_ID: 'id', MASTODON_CLIENT_SECRET: 'secret' }
export const captcha = { CAPTCHA_PROVIDER: 'turnstile', CAPTCHA_SECRET: 'secret' }
const gateway = { SMS_WEBHOOK_URL: 'https://sms.example', SMS_WEBHOOK_SECRET: 'whsec_u5zg3Et0W1Vd9cYxQk7nR2pLbM8aHf4J' }
export const webhook = { SMS_PROVIDER: 'webhook', ...gateway }
const account = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'token' }
export const twilio = { SMS_PROVIDER: 'twilio', ...account, TWILIO_FROM: '+15005550006' }
export const verify = { SMS_PROVIDER: 'twilio-verify', ...account, TWILIO_SERVICE_SID: 'VA1' }

const text = (of: Of, others?: Env): Example => ({ of, reads: ['another', 'another'], ...(others && { with: others }) })
const flag = (of: Of, unset: boolean): Example => ({
  of,
  unset,
  reads: [`${!unset}`, !unset],
  refuses: [['TRUE', '1', 'yes'], 'must be true or false'],
})
const seconds = (of: Of, unset: number): Example => ({
  of,
  unset,
  reads: ['60', 60],
  refuses: [['0', '-1', '1.5', '1e3', '2m', '1000000000'], 'must be a whole number of seconds'],
})
const count = (of: Of, unset: number): Example => ({
  of,
  unset,
  reads: ['3', 3],
  refuses: [['0', '-1', '1.5', 'many', '1000000'], 'must be a whole number'],
})
const url = (of: Of, others: Env): Example => ({
  of,
  reads: ['http://stand-in.test', 'http://stand-in.test'],
  refuses: [['example.org', '/path', 'ftp://example.org', 'javascript:alert(1)'], 'must be an http(s) URL'],
  with: others,
})
const choice = (of: Of, unset: unknown, right: string, wrong: string, names: string, others: Env = {}): Example => ({
  of,
  unset,
  reads: [right, right],
  refuses: [[wrong, right.toUpperCase()], `must be ${names}`],
  with: others,
})
const list = (of: Of, unset: unknown, reads: Example['reads'], wrong: string, message: string): Example => ({
  of,
  unset,
  reads,
  refuses: [[',', ...wrong.split(' ')], `must be ${message}`],
})

const countries = (of: Of, unset: unknown): Example =>
  list(
    of,
    unset,
    ['CM, IR,ZZ', ['CM', 'IR', 'ZZ']],
    'UK cm CMR 237 CM,XX',
    'ISO 3166 codes of two letters, comma-separated',
  )

const sms = ({ sms }: Config) => sms as Readonly<Record<string, unknown>>
const pem = '-----BEGIN RSA PUBLIC KEY-----\nAA\n-----END RSA PUBLIC KEY-----'

/** Every setting of the server, by example. */
export const examples: Readonly<Record<string, Example>> = {
  NODE_ENV: {
    of: ({ production }) => production,
    unset: false,
    reads: ['development', false],
    refuses: [['prod', 'Production'], 'must be development or production'],
  },
  PORT: {
    of: ({ port }) => port,
    unset: 9000,
    reads: ['0', 0],
    refuses: [['65536', '-1', '80.5', 'http'], 'must be a port number'],
  },
  HOST: { of: ({ host }) => host, unset: '127.0.0.1', reads: ['::', '::'] },
  DATABASE_URL: {
    of: ({ databaseUrl }) => databaseUrl,
    reads: ['postgres://me:secret@db.example:5432/swob', 'postgres://me:secret@db.example:5432/swob'],
    refuses: [['mysql://db.example/swob', 'db.example', 'postgres'], 'must be a postgres:// URL'],
  },
  DATABASE_POOL: count(({ databasePool }) => databasePool, 10),
  DATABASE_PREPARE: flag(({ databasePrepare }) => databasePrepare, true),
  DATABASE_TIMEOUT: {
    of: ({ databaseTimeout }) => databaseTimeout,
    unset: 2,
    reads: ['30', 30],
    refuses: [['0', '1.5', '1000'], 'must be a whole number of seconds, at most 999'],
  },
  SHUTDOWN_DELAY: {
    of: ({ shutdownDelay }) => shutdownDelay,
    unset: 0,
    reads: ['30', 30],
    refuses: [['0', '1.5', '1000'], 'must be a whole number of seconds, at most 999'],
  },
  AUDIT_DAYS: {
    of: ({ settings }) => settings.auditDays,
    unset: 365,
    reads: ['30', 30],
    refuses: [['0', '-1', '1.5', '10000'], 'must be a whole number of days'],
  },
  DATA_DIR: { of: ({ dataFolder }) => dataFolder, unset: '.data', reads: ['/var/lib/swob', '/var/lib/swob'] },
  SECRET_KEYS: list(
    ({ secretKeys }) => secretKeys?.map(({ id, bytes }) => [id, bytes[0], bytes.length].join()),
    undefined,
    [ring, ['k2,2,32', 'k1,1,32']],
    `${key(1)} k1: :${key(1)} k-1:${key(1)} k1:${btoa('31 bytes')} k1:${key(1)}A k1:${key(1)},k2 k1:${'-'.repeat(43)}`,
    'id:key[,…] with keys of 32 bytes in base64, ids of letters and digits',
  ),
  ORIGINS: list(
    ({ settings }) => settings.origins,
    ['http://localhost:18000'],
    ['https://a.example, http://b.example:8080,', ['https://a.example', 'http://b.example:8080']],
    '* a.example https://a.example/login https://me@a.example https://a.example?x https://a.example# ftp://a.example https://*.a.example data:x data://x https: javascript:1 http:///a',
    'origins such as https://app.example.org or capacitor://localhost, without a path',
  ),
  COOKIE_SECURE: flag(({ settings }) => settings.secureCookies, false),
  SESSION_MAX_AGE: seconds(({ settings }) => settings.sessions.maxAge, 7200),
  SESSION_ABSOLUTE_AGE: seconds(({ settings }) => settings.sessions.absoluteAge, 86_400),
  SESSION_BIND_USER_AGENT: {
    of: ({ settings }) => settings.sessions.bindUserAgent,
    unset: true,
    reads: ['off', false],
    refuses: [['false', 'OFF'], 'must be off or enforce'],
  },
  OTP_RESEND_WAITS: list(
    ({ settings }) => settings.codes.resendWaits,
    [120, 300, 900, 86_400],
    ['1, 2', [1, 2]],
    '0 1,x 1;2 -1 1000000000',
    'seconds, comma-separated',
  ),
  OTP_LIFETIME: seconds(({ settings }) => settings.codes.lifetime, 600),
  OTP_TRIES: count(({ settings }) => settings.codes.tries, 5),
  LOGIN_TRIES: count(({ settings }) => settings.logins.tries, 5),
  LOGIN_BLOCK: seconds(({ settings }) => settings.logins.block, 900),
  LOGIN_BLOCKS: { ...count(({ settings }) => settings.logins.blocks, 3), reads: ['1', 1] },
  LOGIN_LONG_BLOCK: seconds(({ settings }) => settings.logins.longBlock, 86_400),
  LOGIN_CEILING: count(({ settings }) => settings.logins.ceiling, 30),
  LOGIN_NETWORK_TRIES: count(({ settings }) => settings.logins.networkTries, 100),
  LOGIN_NETWORK_DAILY: count(({ settings }) => settings.logins.networkDaily, 2000),
  LOGIN_HOURLY: count(({ settings }) => settings.logins.hourly, 5000),
  LOGIN_DAILY: count(({ settings }) => settings.logins.daily, 50_000),
  SIGNUP_NETWORK_HOURLY: count(({ settings }) => settings.limits.signups.network.hourly, 120),
  SIGNUP_NETWORK_DAILY: count(({ settings }) => settings.limits.signups.network.daily, 600),
  SIGNUP_HOURLY: count(({ settings }) => settings.limits.signups.everybody.hourly, 5000),
  SIGNUP_DAILY: count(({ settings }) => settings.limits.signups.everybody.daily, 50_000),
  RECOVERY_NETWORK_HOURLY: count(({ settings }) => settings.limits.recoveries.network.hourly, 60),
  RECOVERY_NETWORK_DAILY: count(({ settings }) => settings.limits.recoveries.network.daily, 240),
  RECOVERY_HOURLY: count(({ settings }) => settings.limits.recoveries.everybody.hourly, 5000),
  RECOVERY_DAILY: count(({ settings }) => settings.limits.recoveries.everybody.daily, 50_000),
  PLATFORM_STARTS_USER_HOURLY: count(({ settings }) => settings.connections.starts.user.hourly, 30),
  PLATFORM_STARTS_USER_DAILY: count(({ settings }) => settings.connections.starts.user.daily, 100),
  PLATFORM_STARTS_NETWORK_HOURLY: count(({ settings }) => settings.connections.starts.network.hourly, 300),
  PLATFORM_STARTS_NETWORK_DAILY: count(({ settings }) => settings.connections.starts.network.daily, 2000),
  PLATFORM_STARTS_HOURLY: count(({ settings }) => settings.connections.starts.everybody.hourly, 5000),
  PLATFORM_STARTS_DAILY: count(({ settings }) => settings.connections.starts.everybody.daily, 50_000),
  TELEGRAM_RESEND_WAITS: list(
    ({ settings }) => settings.connections.codes.waits,
    [120, 300, 900, 86_400],
    ['1, 2', [1, 2]],
    '0 1,x 1;2 -1 1000000000',
    'seconds, comma-separated',
  ),
  TELEGRAM_NUMBERS_USER_DAILY: count(({ settings }) => settings.connections.codes.numbersDaily, 3),
  TELEGRAM_CODES_USER_DAILY: count(({ settings }) => settings.connections.codes.user.daily, 10),
  TELEGRAM_CODES_NETWORK_DAILY: count(({ settings }) => settings.connections.codes.network.daily, 50),
  TELEGRAM_CODES_DAILY: count(({ settings }) => settings.connections.codes.everybody.daily, 2000),
  PASSWORD_QUEUE: count(({ passwordQueue }) => passwordQueue, 64),
  PLATFORM_TIMEOUT: {
    of: ({ settings }) => settings.platformTimeout,
    unset: 10,
    reads: ['30', 30],
    refuses: [['0', '1.5', '1000'], 'must be a whole number of seconds, at most 999'],
  },
  SMS_PROVIDER: choice(
    ({ sms }) => sms.provider,
    'console',
    'console',
    'sns',
    'console, webhook, twilio-verify or twilio',
  ),
  SMS_FALLBACK_PROVIDER: {
    ...choice(
      ({ smsFallback }) => smsFallback?.provider,
      undefined,
      'webhook',
      'console',
      'webhook, twilio-verify or twilio',
    ),
    with: { ...webhook, ...twilio },
  },
  SMS_HOURLY: count(({ settings }) => settings.sends.hourly, 500),
  SMS_DAILY: count(({ settings }) => settings.sends.daily, 2000),
  SMS_SHARE: {
    of: ({ settings }) => settings.sends.share,
    unset: 0.8,
    reads: ['100', 1],
    refuses: [['0', '101', '-1', '0.5', '80%'], 'must be a whole number, at most 100'],
  },
  SMS_RESERVE: {
    of: ({ settings }) => settings.sends.reserve,
    unset: 0.1,
    reads: ['50', 0.5],
    refuses: [['0', '101', '-1', '0.5', '80%'], 'must be a whole number, at most 100'],
  },
  SMS_NUMBER_DAILY: count(({ settings }) => settings.sends.numberDaily, 10),
  SMS_NETWORK_DAILY: count(({ settings }) => settings.sends.networkDaily, 50),
  SMS_NETWORK_DAILY_TOTAL: count(({ settings }) => settings.sends.networkDailyTotal, 200),
  SMS_COUNTRY_DAILY_FLOOR: count(({ settings }) => settings.sends.countryDailyFloor, 100),
  SMS_ALLOWED_COUNTRIES: countries(({ settings }) => settings.sends.allowedCountries, undefined),
  SMS_DENIED_COUNTRIES: countries(({ settings }) => settings.sends.deniedCountries, []),
  SMS_WEBHOOK_URL: url((config) => sms(config).url, webhook),
  SMS_WEBHOOK_SECRET: {
    of: (config) => sms(config).secret,
    reads: ['B'.repeat(34), 'B'.repeat(34)],
    refuses: [
      ['short', 'A'.repeat(33), '-'.repeat(40), `whsec_${'A'.repeat(100)}`],
      'must be 24 to 64 bytes in base64, with or without whsec_ before them',
    ],
    with: webhook,
  },
  TWILIO_ACCOUNT_SID: text((config) => sms(config).accountSid, twilio),
  TWILIO_AUTH_TOKEN: text((config) => sms(config).authToken, twilio),
  TWILIO_SERVICE_SID: text((config) => sms(config).serviceSid, verify),
  TWILIO_FROM: text((config) => sms(config).from, twilio),
  TWILIO_BASE_URL: url((config) => sms(config).baseUrl, twilio),
  GOOGLE_CLIENT_ID: text(({ platforms }) => platforms.google?.clientId, google),
  GOOGLE_CLIENT_SECRET: text(({ platforms }) => platforms.google?.clientSecret, google),
  GOOGLE_BASE_URL: url(({ platforms }) => platforms.google?.baseUrl, google),
  TWITTER_API_KEY: text(({ platforms }) => platforms.twitterOAuth1?.apiKey, oauth1),
  TWITTER_API_KEY_SECRET: text(({ platforms }) => platforms.twitterOAuth1?.apiKeySecret, oauth1),
  TWITTER_CLIENT_ID: text(({ platforms }) => platforms.twitterOAuth2?.clientId, oauth2),
  TWITTER_CLIENT_SECRET: text(({ platforms }) => platforms.twitterOAuth2?.clientSecret, oauth2),
  TWITTER_PROTOCOL: choice(({ twitterProtocol }) => twitterProtocol, 'oauth', 'oauth2', 'oauth1', 'oauth or oauth2'),
  TWITTER_BASE_URL: url(
    ({ platforms }) => platforms.twitterOAuth1?.baseUrl ?? platforms.twitterOAuth2?.baseUrl,
    oauth2,
  ),
  TELEGRAM_API_ID: {
    ...text(({ platforms }) => platforms.telegram?.apiId, telegram),
    reads: ['12345678', 12_345_678],
    refuses: [['0', '-1', 'id', '1.5'], 'must be a whole number'],
  },
  TELEGRAM_API_HASH: text(({ platforms }) => platforms.telegram?.apiHash, telegram),
  TELEGRAM_SERVERS: {
    ...list(
      ({ platforms }) => platforms.telegram?.servers?.map(({ dc, host, port }) => [dc, host, port].join()),
      undefined,
      ['1=127.0.0.1:443, 2=[::1]:80', ['1,127.0.0.1,443', '2,[::1],80']],
      '127.0.0.1:443 1=127.0.0.1 1=127.0.0.1:65536 x=127.0.0.1:443',
      'dc=host:port[,…]',
    ),
    with: telegram,
  },
  TELEGRAM_PUBLIC_KEY: {
    of: ({ platforms }) => platforms.telegram?.publicKey,
    reads: [pem, pem],
    refuses: [['AAAA'], 'must be an RSA public key in PEM'],
    with: telegram,
  },
  MASTODON_BASE_URL: url(({ platforms }) => platforms.mastodon?.baseUrl, mastodon),
  MASTODON_CLIENT_ID: text(({ platforms }) => platforms.mastodon?.clientId, mastodon),
  MASTODON_CLIENT_SECRET: text(({ platforms }) => platforms.mastodon?.clientSecret, mastodon),
  CAPTCHA_PROVIDER: choice(
    ({ captcha }) => captcha?.provider,
    undefined,
    'hcaptcha',
    'google',
    'recaptcha, hcaptcha or turnstile',
    captcha,
  ),
  CAPTCHA_SECRET: text(({ captcha }) => captcha?.secret, captcha),
  CAPTCHA_FACTOR: count(({ settings }) => settings.captchaFactor, 10),
  CAPTCHA_VERIFY_URL: url(({ captcha }) => captcha?.endpoint?.url, captcha),
  LEGACY_CLIENTS: flag(({ settings }) => settings.legacyClients, false),
  HIDE_ACCOUNTS: flag(({ settings }) => settings.hideAccounts, false),
  PASSWORD_CHANGE_PURGES_GRANTS: flag(({ settings }) => settings.passwordChangePurgesGrants, false),
  BREACHED_PASSWORDS_URL: url(({ settings }) => settings.breachedPasswords?.url, {}),
  TRUSTED_PROXIES: list(
    ({ settings }) => settings.trustedProxies,
    [],
    ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
    '10.0.0 999.0.0.0/8 10.0.0.0/33 0.0.0.0/0 fd00::/129 ::::/8 ::/0 all',
    'CIDRs such as 10.0.0.0/8, or addresses, but not /0',
  ),
  SANDBOX: flag(({ sandbox }) => sandbox, true),
  DOCS: flag(({ docs }) => docs, true),
  METRICS_PORT: {
    of: ({ metrics }) => metrics?.port,
    reads: ['9464', 9464],
    refuses: [['65536', '-1', '80.5', 'http'], 'must be a port number'],
  },
  METRICS_HOST: { of: ({ metrics }) => metrics?.host, reads: ['10.0.0.5', '10.0.0.5'], with: { METRICS_PORT: '9464' } },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    of: ({ traces }) => traces?.url,
    reads: ['http://collector.test:4318/', 'http://collector.test:4318/v1/traces'],
    refuses: [['collector:4318', 'grpc://collector.test'], 'must be an http(s) URL'],
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url(({ traces }) => traces?.url, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://elsewhere.test',
  }),
  LOG_LEVEL: choice(({ logLevel }) => logLevel, 'info', 'silent', 'verbose', 'debug, info, warn, error or silent'),
}
