import * as z from 'zod'
import { count, flag, listOf, readSeconds, shortTime, text, wholeNumber } from '../kinds.ts'
import type { SettingGroup } from '../setting.ts'
import { baseUrl } from '../urls.ts'

export const platforms = {
  title: 'Platforms: each is offered once its credentials are set',
  settings: {
    SANDBOX: {
      schema: flag,
      help: 'Replace all platforms with local stand-ins. On in development until any credentials are set; refused in production.',
    },
    PLATFORM_TIMEOUT: { schema: shortTime, default: '10', help: 'Seconds that a platform may take to answer.' },
    PLATFORM_STARTS_USER_HOURLY: {
      schema: count,
      default: '30',
      help: 'Connections to platforms that one user starts within an hour.',
    },
    PLATFORM_STARTS_USER_DAILY: {
      schema: count,
      default: '100',
      help: 'Connections to platforms that one user starts within a day.',
    },
    PLATFORM_STARTS_NETWORK_HOURLY: {
      schema: count,
      default: '300',
      help: 'Connections to platforms started from one network within an hour.',
    },
    PLATFORM_STARTS_NETWORK_DAILY: {
      schema: count,
      default: '2000',
      help: 'Connections to platforms started from one network within a day.',
    },
    PLATFORM_STARTS_HOURLY: {
      schema: count,
      default: '5000',
      help: 'Connections to platforms started by everybody within an hour.',
    },
    PLATFORM_STARTS_DAILY: {
      schema: count,
      default: '50000',
      help: 'Connections to platforms started by everybody within a day.',
    },
    GOOGLE_CLIENT_ID: { schema: text, help: 'Gmail: OAuth client of type "web application".' },
    GOOGLE_CLIENT_SECRET: { schema: text, secret: true, help: 'Gmail: secret of the OAuth client.' },
    GOOGLE_BASE_URL: { schema: baseUrl, help: 'Gmail: one host for all Google endpoints, for emulators and tests.' },
    TWITTER_API_KEY: {
      schema: text,
      secret: true,
      help: 'X (Twitter) by OAuth 1.0a (protocol oauth): API key of the app.',
    },
    TWITTER_API_KEY_SECRET: { schema: text, secret: true, help: 'X by OAuth 1.0a: secret of the API key.' },
    TWITTER_CLIENT_ID: { schema: text, help: 'X by OAuth 2 (protocol oauth2): client id of the app.' },
    TWITTER_CLIENT_SECRET: { schema: text, secret: true, help: 'X by OAuth 2: secret of the client.' },
    TWITTER_PROTOCOL: {
      schema: z.enum(['oauth', 'oauth2'], 'must be oauth or oauth2'),
      default: 'oauth',
      legacy: 'oauth2',
      help: 'X: oauth or oauth2, where both are set up.',
    },
    TWITTER_BASE_URL: { schema: baseUrl, help: 'X: one host for all endpoints, for tests.' },
    TELEGRAM_API_ID: {
      schema: wholeNumber(12, 'must be a whole number'),
      help: 'Telegram: api_id of the app, from my.telegram.org.',
    },
    TELEGRAM_API_HASH: { schema: text, secret: true, help: 'Telegram: api_hash of the app.' },
    TELEGRAM_RESEND_WAITS: {
      schema: listOf(readSeconds, 'must be seconds, comma-separated'),
      default: '120,300,900,86400',
      help: 'Seconds between codes that Telegram is asked to send to one number, whoever asks. After the last wait the list starts again.',
    },
    TELEGRAM_NUMBERS_USER_DAILY: {
      schema: count,
      default: '3',
      help: 'Numbers that one user may have Telegram send codes to within a day.',
    },
    TELEGRAM_CODES_USER_DAILY: {
      schema: count,
      default: '10',
      help: 'Codes that one user may request from Telegram within a day.',
    },
    TELEGRAM_CODES_NETWORK_DAILY: {
      schema: count,
      default: '50',
      help: 'Codes requested from Telegram by one network within a day.',
    },
    TELEGRAM_CODES_DAILY: {
      schema: count,
      default: '2000',
      help: 'Codes requested from Telegram by everybody within a day.',
    },
    TELEGRAM_SERVERS: {
      schema: listOf(readTelegramServer, 'must be dc=host:port[,…]'),
      help: 'Telegram: other data centres, as dc=host:port, for its test servers and for tests.',
    },
    TELEGRAM_PUBLIC_KEY: {
      schema: text.refine((pem) => pem.includes('-----BEGIN'), 'must be an RSA public key in PEM'),
      help: 'Telegram: RSA public key (PEM) of those data centres.',
    },
    MASTODON_BASE_URL: { schema: baseUrl, help: 'Mastodon: the instance, such as https://mastodon.social.' },
    MASTODON_CLIENT_ID: {
      schema: text,
      help: 'Mastodon: client key of an application registered there with the scopes profile and write:statuses (4.3 and later).',
    },
    MASTODON_CLIENT_SECRET: { schema: text, secret: true, help: 'Mastodon: client secret of the application.' },
  },
} as const satisfies SettingGroup

function readTelegramServer(entry: string) {
  const [, dc, host, portNumber] = /^(\d{1,4})=(.+):(\d{1,5})$/.exec(entry) ?? []
  return host && Number(portNumber) < 65_536 ? { dc: Number(dc), host, port: Number(portNumber) } : undefined
}
