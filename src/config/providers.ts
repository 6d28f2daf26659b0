import type { Given } from './settings.ts'
import { endpointOf } from './urls.ts'

/** The credentials of each platform that has them. */
export function platformsOf(given: Given) {
  const atTwitter = only({ baseUrl: given.TWITTER_BASE_URL })
  const google = whole({ clientId: given.GOOGLE_CLIENT_ID, clientSecret: given.GOOGLE_CLIENT_SECRET })
  const twitterOAuth1 = whole({ apiKey: given.TWITTER_API_KEY, apiKeySecret: given.TWITTER_API_KEY_SECRET })
  const twitterOAuth2 = whole({ clientId: given.TWITTER_CLIENT_ID, clientSecret: given.TWITTER_CLIENT_SECRET })
  const telegram = whole({ apiId: given.TELEGRAM_API_ID, apiHash: given.TELEGRAM_API_HASH })
  return {
    google: google && { ...google, ...only({ baseUrl: given.GOOGLE_BASE_URL }) },
    twitterOAuth1: twitterOAuth1 && { ...twitterOAuth1, ...atTwitter },
    twitterOAuth2: twitterOAuth2 && { ...twitterOAuth2, ...atTwitter },
    telegram: telegram && {
      ...telegram,
      ...only({ servers: given.TELEGRAM_SERVERS, publicKey: given.TELEGRAM_PUBLIC_KEY }),
    },
    mastodon: whole({
      baseUrl: given.MASTODON_BASE_URL,
      clientId: given.MASTODON_CLIENT_ID,
      clientSecret: given.MASTODON_CLIENT_SECRET,
    }),
  }
}

export function captchaOf(given: Given) {
  const captcha = whole({ provider: given.CAPTCHA_PROVIDER, secret: given.CAPTCHA_SECRET })
  return (
    captcha && {
      ...captcha,
      ...only({ endpoint: given.CAPTCHA_VERIFY_URL ? endpointOf(given.CAPTCHA_VERIFY_URL) : undefined }),
    }
  )
}

export function smsOf(given: Given, provider: NonNullable<Given['SMS_PROVIDER']>) {
  const twilio = {
    accountSid: given.TWILIO_ACCOUNT_SID ?? '',
    authToken: given.TWILIO_AUTH_TOKEN ?? '',
    baseUrl: given.TWILIO_BASE_URL,
  }
  switch (provider) {
    case 'console':
      return { provider }
    case 'webhook':
      return { provider, ...endpointOf(given.SMS_WEBHOOK_URL ?? ''), secret: given.SMS_WEBHOOK_SECRET ?? '' }
    case 'twilio':
      return { provider, ...twilio, from: given.TWILIO_FROM ?? '' }
    case 'twilio-verify':
      return { provider, ...twilio, serviceSid: given.TWILIO_SERVICE_SID ?? '' }
  }
}

type Set<Values> = { [Name in keyof Values]: Exclude<Values[Name], undefined> }

/** The values if all of them are set. */
function whole<Values extends Record<string, unknown>>(values: Values): Set<Values> | undefined {
  return Object.values(values).includes(undefined) ? undefined : (values as Set<Values>)
}

/** Leaves out what isn't set, so that an optional property is absent. */
export function only<Values extends Record<string, unknown>>(values: Values): Partial<Set<Values>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Set<Values>>
}
