import { randomBytes } from 'node:crypto'
import { startSandbox } from '../../src/sandbox/start-sandbox.ts'
import { noConnectionLimits } from './no-connection-limits.ts'
import { smsWebhookServer } from './sms-webhook-server.ts'

const origin = 'http://localhost:18000'

/** What servers need beside a database: a phone network, the platforms, and the settings that lead there, with keys of their own. */
export async function openSurroundings() {
  const [sms, sandbox] = await Promise.all([
    smsWebhookServer(),
    startSandbox({
      redirectUris: (platform, protocol) => [`${origin}/platforms/${platform}/protocols/${protocol}/redirect_codes/`],
    }),
  ])
  const { google, twitterOAuth1: twitter, telegram, mastodon } = sandbox.credentials
  return {
    sms,
    sandbox,
    phone: {
      lastCodeTo(number: string): string {
        const code = sms.codeFor(number)
        if (!code) throw new Error('this phone received no code')
        return code
      },
    },
    settings: {
      SECRET_KEYS: `shared:${randomBytes(32).toString('base64')}`,
      SMS_PROVIDER: 'webhook',
      SMS_WEBHOOK_URL: sms.url,
      SMS_WEBHOOK_SECRET: sms.secret,
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      GOOGLE_BASE_URL: google.baseUrl,
      TWITTER_API_KEY: twitter.apiKey,
      TWITTER_API_KEY_SECRET: twitter.apiKeySecret,
      TWITTER_BASE_URL: twitter.baseUrl,
      TELEGRAM_API_ID: String(telegram.apiId),
      TELEGRAM_API_HASH: telegram.apiHash,
      TELEGRAM_SERVERS: telegram.servers.map(({ dc, host, port }) => `${dc}=${host}:${port}`).join(','),
      TELEGRAM_PUBLIC_KEY: telegram.publicKey,
      ...noConnectionLimits,
      TELEGRAM_RESEND_WAITS: '1',
      MASTODON_BASE_URL: mastodon.baseUrl,
      MASTODON_CLIENT_ID: mastodon.clientId,
      MASTODON_CLIENT_SECRET: mastodon.clientSecret,
    },
    close: async () => {
      await Promise.all([sandbox.close(), sms.close()])
    },
  }
}
