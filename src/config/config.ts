import { checkTogether } from './check-together.ts'
import { connectionsOf } from './connections.ts'
import { captchaOf, only, platformsOf, smsOf } from './providers.ts'
import { type Env, type ReadFile, readSettings } from './read-settings.ts'
import { secretsOf } from './secrets.ts'
import type { Given } from './settings.ts'
import { metricsOf, tracesOf } from './telemetry.ts'
import { endpointOf } from './urls.ts'

export { settingNames } from './settings.ts'

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

/**
 * Reads, checks and renames the settings. Times are in seconds. `readFile` serves the `NAME_FILE` form.
 * Throws one `ConfigError` with everything that is wrong.
 */
export function readConfig(env: Env, readFile?: ReadFile) {
  const { given, problems } = readSettings(env, readFile)
  checkTogether(given, problems)
  if (problems.size > 0) throw new ConfigError([...problems.values()])
  return { ...toConfig(given), secrets: secretsOf(given, env) }
}

export type Config = ReturnType<typeof readConfig>

function toConfig(given: Given) {
  const production = given.NODE_ENV === 'production'
  const legacyClients = given.LEGACY_CLIENTS ?? false
  const platforms = platformsOf(given)
  const anyPlatform = Object.values(platforms).some((platform) => platform !== undefined)

  return {
    production,
    port: given.PORT ?? 9000,
    host: given.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    databaseUrl: given.DATABASE_URL,
    databasePool: given.DATABASE_POOL ?? 10,
    databasePrepare: given.DATABASE_PREPARE ?? true,
    databaseTimeout: given.DATABASE_TIMEOUT ?? 2,
    shutdownDelay: given.SHUTDOWN_DELAY ?? 0,
    passwordQueue: given.PASSWORD_QUEUE ?? 64,
    dataFolder: given.DATA_DIR ?? '.data',
    secretKeys: given.SECRET_KEYS,
    platforms,
    twitterProtocol: given.TWITTER_PROTOCOL ?? (legacyClients ? 'oauth2' : 'oauth'),
    docs: given.DOCS ?? !production,
    sandbox: given.SANDBOX ?? (!production && !anyPlatform),
    sms: smsOf(given, given.SMS_PROVIDER ?? 'console'),
    smsFallback: given.SMS_FALLBACK_PROVIDER && smsOf(given, given.SMS_FALLBACK_PROVIDER),
    captcha: captchaOf(given),
    logLevel: given.LOG_LEVEL ?? 'info',
    metrics: metricsOf(given),
    traces: tracesOf(given),
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
        ceiling: given.LOGIN_CEILING ?? 30,
        networkTries: given.LOGIN_NETWORK_TRIES ?? 100,
        networkDaily: given.LOGIN_NETWORK_DAILY ?? 2000,
        hourly: given.LOGIN_HOURLY ?? 5000,
        daily: given.LOGIN_DAILY ?? 50_000,
      },
      sends: {
        hourly: given.SMS_HOURLY ?? 500,
        daily: given.SMS_DAILY ?? 2000,
        share: (given.SMS_SHARE ?? 80) / 100,
        reserve: (given.SMS_RESERVE ?? 10) / 100,
        numberDaily: given.SMS_NUMBER_DAILY ?? 10,
        networkDaily: given.SMS_NETWORK_DAILY ?? 50,
        networkDailyTotal: given.SMS_NETWORK_DAILY_TOTAL ?? 200,
        countryDailyFloor: given.SMS_COUNTRY_DAILY_FLOOR ?? 100,
        deniedCountries: given.SMS_DENIED_COUNTRIES ?? [],
        ...only({ allowedCountries: given.SMS_ALLOWED_COUNTRIES }),
      },
      limits: {
        signups: {
          network: { hourly: given.SIGNUP_NETWORK_HOURLY ?? 120, daily: given.SIGNUP_NETWORK_DAILY ?? 600 },
          everybody: { hourly: given.SIGNUP_HOURLY ?? 5000, daily: given.SIGNUP_DAILY ?? 50_000 },
        },
        recoveries: {
          network: { hourly: given.RECOVERY_NETWORK_HOURLY ?? 60, daily: given.RECOVERY_NETWORK_DAILY ?? 240 },
          everybody: { hourly: given.RECOVERY_HOURLY ?? 5000, daily: given.RECOVERY_DAILY ?? 50_000 },
        },
      },
      captchaFactor: given.CAPTCHA_FACTOR ?? 10,
      connections: connectionsOf(given),
      platformLimit: given.PLATFORM_TIMEOUT ?? 10,
      pendingLifetime: 600,
      legacyClients,
      hideAccounts: given.HIDE_ACCOUNTS ?? false,
      passwordChangePurgesGrants: given.PASSWORD_CHANGE_PURGES_GRANTS ?? legacyClients,
      ...only({
        breachedPasswords: given.BREACHED_PASSWORDS_URL ? endpointOf(given.BREACHED_PASSWORDS_URL) : undefined,
      }),
      auditDays: given.AUDIT_DAYS ?? 365,
      trustedProxies: given.TRUSTED_PROXIES ?? [],
    },
  }
}
