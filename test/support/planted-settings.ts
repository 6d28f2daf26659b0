import { createHash, randomBytes } from 'node:crypto'
import { type SettingName, settings } from '../../src/config/settings.ts'
import { noteSecret } from './canaries.ts'

const run = randomBytes(6).toString('hex')

/** A secret of this run, named after what it is; from now on nothing that is written may hold it. */
export function canary(what: string): string {
  const value = `canary-${createHash('sha256').update(`${run} ${what}`).digest('hex').slice(0, 20)}`
  noteSecret(what, value)
  return value
}

/** `shown`: why everybody may see the setting, if so. */
type Planted = { value: string; shown?: string }

const secret = (what: string): Planted => ({ value: canary(what) })
const plain = (value: string, shown: string): Planted => ({ value, shown })
const unset = (shown: string) => plain('', shown)

type At = {
  url: string
  collector: string
  folder: string
  metricsPort: number
  telegram: { apiId: number; apiHash: string; servers: string; publicKey: string }
}

/**
 * Settings of a server in production, with a canary in each that may hold a secret: in the user name, password, path and query of a URL too. What
 * takes any text and isn't secret says why. Numbers, choices and the like can hold none and are left out.
 */
export function plantSettings({ url, collector, folder, metricsPort, telegram }: At) {
  const key = randomBytes(32)
  for (const encoding of ['base64', 'base64url', 'hex'] as const)
    noteSecret('SECRET_KEYS', key.toString(encoding).replace(/=+$/, ''))
  const webhookSecret = randomBytes(32).toString('base64')
  noteSecret('SMS_WEBHOOK_SECRET', webhookSecret)
  noteSecret('TELEGRAM_API_HASH', telegram.apiHash)
  const endpoint = (name: string, at: string, { query = true } = {}): Planted => {
    const credentials = `${canary(`user of ${name}`)}:${canary(`password of ${name}`)}@`
    const search = query ? `?key=${canary(`query of ${name}`)}` : ''
    return { value: `${at.replace('//', `//${credentials}`)}${search}` }
  }
  const base = plain(url, 'an address without credentials, which are refused there')
  return {
    NODE_ENV: plain('production', 'a choice'),
    HIDE_ACCOUNTS: plain('false', 'a choice'),
    LOG_LEVEL: plain('debug', 'a choice'),
    DATABASE_TIMEOUT: plain('20', 'a number'),
    HOST: plain('127.0.0.1', 'an address'),
    DATABASE_URL: unset('planted in starts of its own: here the server keeps its own Postgres'),
    DATA_DIR: plain(folder, 'a folder'),
    SECRET_KEYS: { value: `planted:${key.toString('base64')}` },
    ORIGINS: plain('https://app.example.org', 'public: browsers are told'),
    SMS_PROVIDER: plain('webhook', 'a choice'),
    SMS_FALLBACK_PROVIDER: plain('twilio', 'a choice'),
    SMS_WEBHOOK_URL: endpoint('SMS_WEBHOOK_URL', `${url}/sms/${canary('path of SMS_WEBHOOK_URL')}`),
    SMS_WEBHOOK_SECRET: { value: `whsec_${webhookSecret}` },
    TWILIO_ACCOUNT_SID: plain('AC00000000000000000000000000000001', 'a name, of no use without the token'),
    TWILIO_AUTH_TOKEN: secret('TWILIO_AUTH_TOKEN'),
    TWILIO_SERVICE_SID: plain('VA00000000000000000000000000000001', 'a name'),
    TWILIO_FROM: plain('+15005550006', 'whom everybody has messages from'),
    TWILIO_BASE_URL: base,
    GOOGLE_CLIENT_ID: plain('planted-google', 'public: it stands in the URL of the consent page'),
    GOOGLE_CLIENT_SECRET: secret('GOOGLE_CLIENT_SECRET'),
    GOOGLE_BASE_URL: base,
    TWITTER_API_KEY: secret('TWITTER_API_KEY'),
    TWITTER_API_KEY_SECRET: secret('TWITTER_API_KEY_SECRET'),
    TWITTER_CLIENT_ID: plain('planted-twitter', 'public: it stands in the URL of the consent page'),
    TWITTER_CLIENT_SECRET: secret('TWITTER_CLIENT_SECRET'),
    TWITTER_BASE_URL: base,
    TELEGRAM_API_ID: plain(String(telegram.apiId), 'of no use without the hash'),
    TELEGRAM_API_HASH: { value: telegram.apiHash },
    TELEGRAM_SERVERS: plain(telegram.servers, 'addresses'),
    TELEGRAM_PUBLIC_KEY: plain(telegram.publicKey, 'a public key'),
    MASTODON_BASE_URL: base,
    MASTODON_CLIENT_ID: plain('planted-mastodon', 'public: it stands in the URL of the consent page'),
    MASTODON_CLIENT_SECRET: secret('MASTODON_CLIENT_SECRET'),
    CAPTCHA_PROVIDER: plain('turnstile', 'a choice'),
    CAPTCHA_SECRET: secret('CAPTCHA_SECRET'),
    CAPTCHA_VERIFY_URL: endpoint('CAPTCHA_VERIFY_URL', `${url}/siteverify`),
    BREACHED_PASSWORDS_URL: endpoint('BREACHED_PASSWORDS_URL', `${url}/range`, { query: false }),
    OTEL_EXPORTER_OTLP_ENDPOINT: unset('the one for traces takes its place'),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${collector}/v1/traces`),
    METRICS_PORT: plain(String(metricsPort), 'a port'),
    METRICS_HOST: plain('127.0.0.1', 'an address'),
  } satisfies Partial<Record<SettingName, Planted>>
}

const texts = ['a text', 'https://name:a-text@host.example/a-text', 'a-text', '\\a text']

/** Whether a setting takes a text that somebody made up: all that a secret could stand in. */
export const takesText = (name: SettingName): boolean =>
  texts.some((text) => settings[name].schema.safeParse(text).success)
