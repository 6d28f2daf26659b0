import { startGoogle } from './google.ts'
import { startMastodon } from './mastodon.ts'
import { startTelegram } from './telegram/start-telegram.ts'
import { startTwitter } from './twitter.ts'

/** Where each platform sends people back to. */
type RedirectUri = (platform: string, protocol: string) => readonly string[]

/** Starts a local stand-in of every platform. `credentials` are what their drivers take, pointed at them. */
export async function startSandbox({ redirectUris }: { redirectUris: RedirectUri }) {
  const [google, twitter, telegram, mastodon] = await Promise.all([
    startGoogle({ redirectUris: redirectUris('gmail', 'oauth2') }),
    startTwitter({ callbackUrls: [...redirectUris('twitter', 'oauth'), ...redirectUris('twitter', 'oauth2')] }),
    startTelegram(),
    startMastodon({ redirectUris: redirectUris('mastodon', 'oauth2') }),
  ])
  const atTwitter = { baseUrl: twitter.url }
  return {
    google,
    twitter,
    telegram,
    mastodon,
    credentials: {
      google: { clientId: google.clientId, clientSecret: google.clientSecret, baseUrl: google.url },
      twitterOAuth1: { apiKey: twitter.apiKey, apiKeySecret: twitter.apiKeySecret, ...atTwitter },
      twitterOAuth2: { clientId: twitter.clientId, clientSecret: twitter.clientSecret, ...atTwitter },
      telegram: {
        apiId: telegram.apiId,
        apiHash: telegram.apiHash,
        servers: [...telegram.servers],
        publicKey: telegram.publicKey,
      },
      mastodon: { baseUrl: mastodon.url, clientId: mastodon.clientId, clientSecret: mastodon.clientSecret },
    },
    async close(): Promise<void> {
      await Promise.all([google.close(), twitter.close(), telegram.close(), mastodon.close()])
    },
  }
}

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>
