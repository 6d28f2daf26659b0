import * as z from 'zod'

type Env = Readonly<Record<string, string | undefined>>

/** Everything that was wrong with the settings, one line each, by name. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(
      `The settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}\n.env.example explains each one.`,
    )
    this.problems = problems
  }
}

const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true')
const seconds = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, 'must be a whole number of seconds')
  .transform(Number)
const count = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'must be a whole number')
  .transform(Number)
const text = z.string()
const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
const list = (value: string) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((value) => value < 65_536, 'must be a port number')

const originList = text
  .transform(list)
  .refine((origins) => origins.every(isOrigin), 'must be origins such as https://app.example.org')

const keyRing = text.transform((value, context) => {
  const keys = list(value).map(readKey)
  const whole = keys.filter((key) => key !== undefined)
  if (whole.length === 0 || whole.length < keys.length) {
    context.addIssue({
      code: 'custom',
      message: 'must be id:key[,…] with keys of 32 bytes in base64, ids of letters and digits',
    })
  } else if (new Set(whole.map((key) => key.id)).size < whole.length) {
    context.addIssue({ code: 'custom', message: 'has two keys with one id' })
  }
  return whole
})

const telegramServers = text.transform((value, context) =>
  list(value).map((server) => {
    const [, dc, host, portNumber] = /^(\d+)=(.+):(\d+)$/.exec(server) ?? []
    if (!dc || !host || !portNumber) context.addIssue({ code: 'custom', message: 'must be dc=host:port[,…]' })
    return { dc: Number(dc), host: host ?? '', port: Number(portNumber) }
  }),
)

const cidrs = text
  .transform(list)
  .refine(
    (values) => values.every((value) => /^[\da-fA-F:.]+\/\d{1,3}$/.test(value)),
    'must be CIDRs such as 10.0.0.0/8',
  )

/** Every setting: how it is read. Defaults stand in `readConfig`, since some depend on others. */
const settings = {
  NODE_ENV: z.enum(['development', 'production', 'test'], 'must be development or production'),
  PORT: port,
  HOST: text,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  DATABASE_POOL: count,
  DATA_DIR: text,
  SECRET_KEYS: keyRing,
  ORIGINS: originList,
  COOKIE_SECURE: flag,
  SESSION_MAX_AGE: seconds,
  SESSION_ABSOLUTE_AGE: seconds,
  SESSION_BIND_USER_AGENT: z.enum(['off', 'enforce'], 'must be off or enforce'),
  OTP_RESEND_WAITS: text
    .transform(list)
    .refine(
      (waits) => waits.length > 0 && waits.every((wait) => /^[1-9]\d{0,7}$/.test(wait)),
      'must be seconds, comma-separated',
    )
    .transform((waits) => waits.map(Number)),
  OTP_LIFETIME: seconds,
  OTP_TRIES: count,
  LOGIN_TRIES: count,
  LOGIN_BLOCK: seconds,
  LOGIN_BLOCKS: count,
  LOGIN_LONG_BLOCK: seconds,
  PLATFORM_TIMEOUT: seconds,
  SMS_PROVIDER: z.enum(
    ['console', 'webhook', 'twilio-verify', 'twilio'],
    'must be console, webhook, twilio-verify or twilio',
  ),
  SMS_WEBHOOK_URL: url,
  SMS_WEBHOOK_SECRET: text.regex(
    /^(whsec_)?[A-Za-z0-9+/]{32,86}={0,2}$/,
    'must be 24 to 64 bytes in base64, with or without whsec_ before them',
  ),
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  TWILIO_SERVICE_SID: text,
  TWILIO_FROM: text,
  TWILIO_BASE_URL: url,
  GOOGLE_CLIENT_ID: text,
  GOOGLE_CLIENT_SECRET: text,
  GOOGLE_BASE_URL: url,
  TWITTER_API_KEY: text,
  TWITTER_API_KEY_SECRET: text,
  TWITTER_CLIENT_ID: text,
  TWITTER_CLIENT_SECRET: text,
  TWITTER_PROTOCOL: z.enum(['oauth', 'oauth2'], 'must be oauth or oauth2'),
  TWITTER_BASE_URL: url,
  TELEGRAM_API_ID: count.or(
    z
      .string()
      .regex(/^\d{1,12}$/, 'must be a number')
      .transform(Number),
  ),
  TELEGRAM_API_HASH: text,
  TELEGRAM_SERVERS: telegramServers,
  TELEGRAM_PUBLIC_KEY: text.refine((pem) => pem.includes('-----BEGIN'), 'must be an RSA public key in PEM'),
  CAPTCHA_PROVIDER: z.enum(['recaptcha', 'hcaptcha', 'turnstile'], 'must be recaptcha, hcaptcha or turnstile'),
  CAPTCHA_SECRET: text,
  CAPTCHA_VERIFY_URL: url,
  LEGACY_CLIENTS: flag,
  HIDE_ACCOUNTS: flag,
  PASSWORD_CHANGE_PURGES_GRANTS: flag,
  BREACHED_PASSWORDS_URL: url,
  TRUSTED_PROXIES: cidrs,
  SANDBOX: flag,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
}

/** The names of all settings, as in `.env.example`. */
export const settingNames = Object.keys(settings) as (keyof typeof settings)[]

type Given = { [Name in keyof typeof settings]?: z.output<(typeof settings)[Name]> }

/**
 * Reads, checks and renames the settings. Times are in seconds. `readFile` serves the `NAME_FILE` form.
 * Throws one `ConfigError` with everything that is wrong.
 */
export function readConfig(env: Env, readFile?: (path: string) => string) {
  const problems: string[] = []
  const given: Record<string, unknown> = {}
  for (const name of settingNames) {
    const value = rawValue(env, name, readFile, problems)
    if (value === undefined) continue
    const read = settings[name].safeParse(value)
    if (read.success) given[name] = read.data
    else problems.push(...read.error.issues.slice(0, 1).map((issue) => `${name} ${issue.message}`))
  }
  const config = withDefaults(given as Given, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

export type Config = ReturnType<typeof readConfig>

function rawValue(env: Env, name: string, readFile: ((path: string) => string) | undefined, problems: string[]) {
  const file = env[`${name}_FILE`]
  if (!file) return env[name]?.trim() || undefined
  if (env[name]) problems.push(`${name} and ${name}_FILE are both set; keep one`)
  if (!readFile) problems.push(`${name}_FILE can't be used here: this runtime has no files`)
  try {
    return readFile?.(file).trim() || undefined
  } catch {
    problems.push(`${name}_FILE names a file that can't be read: ${file}`)
  }
}

function withDefaults(given: Given, problems: string[]) {
  const production = given.NODE_ENV === 'production'
  const require = (name: keyof Given, why: string) => {
    if (given[name] === undefined && !problems.some((problem) => problem.startsWith(`${name} `)))
      problems.push(`${name} ${why}`)
  }
  const together = (...names: (keyof Given)[]) => {
    const set = names.filter((name) => given[name] !== undefined)
    if (set.length > 0) for (const name of names) require(name, `must be set together with ${set.join(', ')}`)
    return set.length === names.length
  }

  const smsProvider = given.SMS_PROVIDER ?? 'console'
  if (production) {
    require('SECRET_KEYS', 'must be set in production: `npm run --silent keys:generate` makes one')
    require('ORIGINS', 'must be set in production: the web origins that may call, the first of which receives platform redirects')
    if (smsProvider === 'console')
      problems.push('SMS_PROVIDER must be webhook, twilio-verify or twilio in production: console shows every code')
    if (given.SANDBOX) problems.push('SANDBOX must not be true in production: its platforms are stand-ins')
    if (given.COOKIE_SECURE === false)
      problems.push('COOKIE_SECURE must not be false in production: cookies would cross the network in plain text')
  }
  if (smsProvider === 'webhook')
    for (const name of ['SMS_WEBHOOK_URL', 'SMS_WEBHOOK_SECRET'] as const)
      require(name, 'must be set for SMS_PROVIDER=webhook')
  if (smsProvider.startsWith('twilio')) {
    const last = smsProvider === 'twilio' ? 'TWILIO_FROM' : 'TWILIO_SERVICE_SID'
    for (const name of ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', last] as const)
      require(name, `must be set for SMS_PROVIDER=${smsProvider}`)
  }
  if (given.CAPTCHA_PROVIDER) require('CAPTCHA_SECRET', 'must be set together with CAPTCHA_PROVIDER')

  const platforms = {
    google: together('GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET')
      ? {
          clientId: given.GOOGLE_CLIENT_ID ?? '',
          clientSecret: given.GOOGLE_CLIENT_SECRET ?? '',
          ...only({ baseUrl: given.GOOGLE_BASE_URL }),
        }
      : undefined,
    twitterOAuth1: together('TWITTER_API_KEY', 'TWITTER_API_KEY_SECRET')
      ? {
          apiKey: given.TWITTER_API_KEY ?? '',
          apiKeySecret: given.TWITTER_API_KEY_SECRET ?? '',
          ...only({ baseUrl: given.TWITTER_BASE_URL }),
        }
      : undefined,
    twitterOAuth2: together('TWITTER_CLIENT_ID', 'TWITTER_CLIENT_SECRET')
      ? {
          clientId: given.TWITTER_CLIENT_ID ?? '',
          clientSecret: given.TWITTER_CLIENT_SECRET ?? '',
          ...only({ baseUrl: given.TWITTER_BASE_URL }),
        }
      : undefined,
    telegram: together('TELEGRAM_API_ID', 'TELEGRAM_API_HASH')
      ? {
          apiId: given.TELEGRAM_API_ID ?? 0,
          apiHash: given.TELEGRAM_API_HASH ?? '',
          ...only({ servers: given.TELEGRAM_SERVERS, publicKey: given.TELEGRAM_PUBLIC_KEY }),
        }
      : undefined,
  }
  const legacyClients = given.LEGACY_CLIENTS ?? false
  const anyPlatform = Object.values(platforms).some((platform) => platform !== undefined)

  return {
    production,
    port: given.PORT ?? 9000,
    host: given.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    databaseUrl: given.DATABASE_URL,
    databasePool: given.DATABASE_POOL ?? 10,
    dataFolder: given.DATA_DIR ?? '.data',
    secretKeys: given.SECRET_KEYS,
    platforms,
    twitterProtocol: given.TWITTER_PROTOCOL ?? (legacyClients ? 'oauth2' : 'oauth'),
    sandbox: given.SANDBOX ?? (!production && !anyPlatform),
    sms: smsOf(given, smsProvider),
    captcha: given.CAPTCHA_PROVIDER && {
      provider: given.CAPTCHA_PROVIDER,
      secret: given.CAPTCHA_SECRET ?? '',
      ...only({ verifyUrl: given.CAPTCHA_VERIFY_URL }),
    },
    logLevel: given.LOG_LEVEL ?? 'info',
    settings: {
      origins: given.ORIGINS ?? ['http://localhost:18000'],
      secureCookies: given.COOKIE_SECURE ?? production,
      sessions: {
        maxAge: given.SESSION_MAX_AGE ?? 7200,
        absoluteAge: given.SESSION_ABSOLUTE_AGE ?? 86_400,
        bindUserAgent: given.SESSION_BIND_USER_AGENT !== 'off',
      },
      codes: {
        resendWaits: given.OTP_RESEND_WAITS ?? [120, 300, 900, 86_400],
        lifetime: given.OTP_LIFETIME ?? 600,
        tries: given.OTP_TRIES ?? 5,
      },
      logins: {
        tries: given.LOGIN_TRIES ?? 5,
        block: given.LOGIN_BLOCK ?? 900,
        blocks: given.LOGIN_BLOCKS ?? 3,
        longBlock: given.LOGIN_LONG_BLOCK ?? 86_400,
      },
      platformLimit: given.PLATFORM_TIMEOUT ?? 10,
      pendingLifetime: 600,
      legacyClients,
      hideAccounts: given.HIDE_ACCOUNTS ?? false,
      passwordChangePurgesGrants: given.PASSWORD_CHANGE_PURGES_GRANTS ?? legacyClients,
      ...only({ breachedPasswordsUrl: given.BREACHED_PASSWORDS_URL }),
      trustedProxies: given.TRUSTED_PROXIES ?? [],
    },
  }
}

function smsOf(given: Given, provider: NonNullable<Given['SMS_PROVIDER']>) {
  const twilio = {
    accountSid: given.TWILIO_ACCOUNT_SID ?? '',
    authToken: given.TWILIO_AUTH_TOKEN ?? '',
    baseUrl: given.TWILIO_BASE_URL,
  }
  switch (provider) {
    case 'console':
      return { provider }
    case 'webhook':
      return { provider, url: given.SMS_WEBHOOK_URL ?? '', secret: given.SMS_WEBHOOK_SECRET ?? '' }
    case 'twilio':
      return { provider, ...twilio, from: given.TWILIO_FROM ?? '' }
    case 'twilio-verify':
      return { provider, ...twilio, serviceSid: given.TWILIO_SERVICE_SID ?? '' }
  }
}

/** Leaves out what is undefined, so that an optional property is absent. */
function only<Values extends Record<string, unknown>>(values: Values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: Exclude<Values[Name], undefined>
  }
}

function isOrigin(value: string) {
  return /^https?:$/.test(URL.parse(value)?.protocol ?? '') && new URL(value).origin === value
}

function readKey(entry: string) {
  const [, id, encoded] = /^([A-Za-z0-9]{1,32}):([A-Za-z0-9+/]{43}=?)$/.exec(entry) ?? []
  return id && encoded
    ? { id, bytes: Uint8Array.from(atob(encoded.padEnd(44, '=')), (letter) => letter.charCodeAt(0)) }
    : undefined
}
