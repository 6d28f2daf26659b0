import { gmail } from './gmail.ts'
import { mastodon } from './mastodon.ts'
import type { Platform } from './platform.ts'
import { telegram } from './telegram.ts'
import { twitterOAuth1, twitterOAuth2 } from './twitter.ts'

/** Credentials of each platform; without them it isn't offered. */
export type PlatformCredentials = {
  google?: Parameters<typeof gmail>[0] | undefined
  twitterOAuth1?: Parameters<typeof twitterOAuth1>[0] | undefined
  twitterOAuth2?: Parameters<typeof twitterOAuth2>[0] | undefined
  telegram?: Parameters<typeof telegram>[0] | undefined
  mastodon?: Parameters<typeof mastodon>[0] | undefined
}

type Choice = { twitterProtocol: 'oauth' | 'oauth2' }

/** The platforms that can be used, by name, in the order in which they are listed. */
export function openPlatforms(
  credentials: PlatformCredentials,
  { twitterProtocol }: Choice,
): ReadonlyMap<string, Platform> {
  const platforms = [
    credentials.google && gmail(credentials.google),
    twitter(credentials, twitterProtocol),
    credentials.telegram && telegram(credentials.telegram),
    credentials.mastodon && mastodon(credentials.mastodon),
  ]
  return new Map(platforms.filter((platform) => platform !== undefined).map((platform) => [platform.name, platform]))
}

function twitter(credentials: PlatformCredentials, preferred: Choice['twitterProtocol']): Platform | undefined {
  const oauth1 = credentials.twitterOAuth1 && twitterOAuth1(credentials.twitterOAuth1)
  const oauth2 = credentials.twitterOAuth2 && twitterOAuth2(credentials.twitterOAuth2)
  return preferred === 'oauth2' ? (oauth2 ?? oauth1) : (oauth1 ?? oauth2)
}
