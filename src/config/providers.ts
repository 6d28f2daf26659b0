import type { Values } from './settings.ts'
import { endpointOf } from './urls.ts'

/** The credentials of each platform that has them. */
export function platformsOf(values: Values) {
  const atTwitter = only({ baseUrl: values.TWITTER_BASE_URL })
  const google = whole({ clientId: values.GOOGLE_CLIENT_ID, clientSecret: values.GOOGLE_CLIENT_SECRET })
  const twitterOAuth1 = whole({ apiKey: values.TWITTER_API_KEY, apiKeySecret: values.TWITTER_API_KEY_SECRET })
  const twitterOAuth2 = whole({ clientId: values.TWITTER_CLIENT_ID, clientSecret: values.TWITTER_CLIENT_SECRET })
  const telegram = whole({ apiId: values.TELEGRAM_API_ID, apiHash: values.TELEGRAM_API_HASH })
  return {
    google: google && { ...google, ...only({ baseUrl: values.GOOGLE_BASE_URL }) },
    twitterOAuth1: twitterOAuth1 && { ...twitterOAuth1, ...atTwitter },
    twitterOAuth2: twitterOAuth2 && { ...twitterOAuth2, ...atTwitter },
    telegram: telegram && {
      ...telegram,
      ...only({ servers: values.TELEGRAM_SERVERS, publicKey: values.TELEGRAM_PUBLIC_KEY }),
    },
    mastodon: whole({
      baseUrl: values.MASTODON_BASE_URL,
      clientId: values.MASTODON_CLIENT_ID,
      clientSecret: values.MASTODON_CLIENT_SECRET,
    }),
  }
}

export function captchaOf(values: Values) {
  const captcha = whole({ provider: values.CAPTCHA_PROVIDER, secret: values.CAPTCHA_SECRET })
  return (
    captcha && {
      ...captcha,
      ...only({ endpoint: values.CAPTCHA_VERIFY_URL ? endpointOf(values.CAPTCHA_VERIFY_URL) : undefined }),
    }
  )
}

export function smsOf(values: Values, provider: NonNullable<Values['SMS_PROVIDER']>) {
  const twilio = {
    accountSid: values.TWILIO_ACCOUNT_SID ?? '',
    authToken: values.TWILIO_AUTH_TOKEN ?? '',
    baseUrl: values.TWILIO_BASE_URL,
  }
  switch (provider) {
    case 'console':
      return { provider }
    case 'webhook':
      return { provider, ...endpointOf(values.SMS_WEBHOOK_URL ?? ''), secret: values.SMS_WEBHOOK_SECRET ?? '' }
    case 'twilio':
      return { provider, ...twilio, from: values.TWILIO_FROM ?? '' }
    case 'twilio-verify':
      return { provider, ...twilio, serviceSid: values.TWILIO_SERVICE_SID ?? '' }
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
