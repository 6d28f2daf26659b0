import { checkTogether } from './check-together.ts'
import { captchaOf, compact, connectionsOf, metricsOf, platformsOf, smsOf, tracesOf } from './providers.ts'
import { type Env, type ReadFile, readSettings } from './read-settings.ts'
import { secretsOf } from './secrets.ts'
import { type Values, withDefaults } from './settings.ts'
import { endpointOf } from './urls.ts'

export { settingNames } from './settings.ts'

/** Everything that was wrong with the settings, one line each, by name. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`Invalid settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}\nSee .env.example.`)
    this.problems = problems
  }
}

/**
 * Reads, checks and renames the settings. Times are in seconds. `readFile` serves the `NAME_FILE` form.
 * Throws one `ConfigError` with everything that is wrong.
 */
export function readConfig(env: Env, readFile?: ReadFile) {
  const { set, problems } = readSettings(env, readFile)
  checkTogether(set, problems)
  if (problems.size > 0) throw new ConfigError([...problems.values()])
  return { ...toConfig(withDefaults(set)), secrets: secretsOf(set, env) }
}

export type Config = ReturnType<typeof readConfig>

function toConfig(values: Values) {
  const production = values.NODE_ENV === 'production'
  const legacyClients = values.LEGACY_CLIENTS
  const platforms = platformsOf(values)
  const anyPlatform = Object.values(platforms).some((platform) => platform !== undefined)

  return {
    production,
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    databasePool: values.DATABASE_POOL,
    databasePrepare: values.DATABASE_PREPARE,
    databaseTimeout: values.DATABASE_TIMEOUT,
    shutdownDelay: values.SHUTDOWN_DELAY ?? 0,
    passwordQueue: values.PASSWORD_QUEUE,
    dataFolder: values.DATA_DIR,
    secretKeys: values.SECRET_KEYS,
    platforms,
    twitterProtocol: values.TWITTER_PROTOCOL,
    docs: values.DOCS,
    sandbox: values.SANDBOX ?? (!production && !anyPlatform),
    sms: smsOf(values, values.SMS_PROVIDER),
    smsFallback: values.SMS_FALLBACK_PROVIDER && smsOf(values, values.SMS_FALLBACK_PROVIDER),
    captcha: captchaOf(values),
    logLevel: values.LOG_LEVEL,
    metrics: metricsOf(values),
    traces: tracesOf(values),
    settings: {
      origins: values.ORIGINS,
      secureCookies: values.COOKIE_SECURE,
      sessions: {
        maxAge: values.SESSION_MAX_AGE,
        absoluteAge: values.SESSION_ABSOLUTE_AGE,
        bindUserAgent: values.SESSION_BIND_USER_AGENT !== 'off',
      },
      codes: {
        resendWaits: values.OTP_RESEND_WAITS,
        lifetime: values.OTP_LIFETIME,
        tries: values.OTP_TRIES,
      },
      logins: {
        tries: values.LOGIN_TRIES,
        block: values.LOGIN_BLOCK,
        blocks: values.LOGIN_BLOCKS,
        longBlock: values.LOGIN_LONG_BLOCK,
        ceiling: values.LOGIN_CEILING,
        networkTries: values.LOGIN_NETWORK_TRIES,
        networkDaily: values.LOGIN_NETWORK_DAILY,
        hourly: values.LOGIN_HOURLY,
        daily: values.LOGIN_DAILY,
      },
      sends: {
        hourly: values.SMS_HOURLY,
        daily: values.SMS_DAILY,
        share: values.SMS_SHARE / 100,
        reserve: values.SMS_RESERVE / 100,
        numberDaily: values.SMS_NUMBER_DAILY,
        networkDaily: values.SMS_NETWORK_DAILY,
        networkDailyTotal: values.SMS_NETWORK_DAILY_TOTAL,
        countryDailyFloor: values.SMS_COUNTRY_DAILY_FLOOR,
        deniedCountries: values.SMS_DENIED_COUNTRIES ?? [],
        ...compact({ allowedCountries: values.SMS_ALLOWED_COUNTRIES }),
      },
      limits: {
        signups: {
          network: { hourly: values.SIGNUP_NETWORK_HOURLY, daily: values.SIGNUP_NETWORK_DAILY },
          everybody: { hourly: values.SIGNUP_HOURLY, daily: values.SIGNUP_DAILY },
        },
        recoveries: {
          network: { hourly: values.RECOVERY_NETWORK_HOURLY, daily: values.RECOVERY_NETWORK_DAILY },
          everybody: { hourly: values.RECOVERY_HOURLY, daily: values.RECOVERY_DAILY },
        },
      },
      captchaFactor: values.CAPTCHA_FACTOR,
      connections: connectionsOf(values),
      platformTimeout: values.PLATFORM_TIMEOUT,
      pendingLifetime: 600,
      legacyClients,
      hideAccounts: values.HIDE_ACCOUNTS,
      passwordChangePurgesGrants: values.PASSWORD_CHANGE_PURGES_GRANTS,
      ...compact({
        breachedPasswords: values.BREACHED_PASSWORDS_URL ? endpointOf(values.BREACHED_PASSWORDS_URL) : undefined,
      }),
      auditDays: values.AUDIT_DAYS,
      trustedProxies: values.TRUSTED_PROXIES ?? [],
    },
  }
}
