import type { Values } from './settings.ts'
import { type Endpoint, endpointOf } from './urls.ts'

/** The credentials of each platform that has them. */
export function platformsOf(values: Values) {
  const atTwitter = compact({ baseUrl: values.TWITTER_BASE_URL })
  const google = whole({ clientId: values.GOOGLE_CLIENT_ID, clientSecret: values.GOOGLE_CLIENT_SECRET })
  const twitterOAuth1 = whole({ apiKey: values.TWITTER_API_KEY, apiKeySecret: values.TWITTER_API_KEY_SECRET })
  const twitterOAuth2 = whole({ clientId: values.TWITTER_CLIENT_ID, clientSecret: values.TWITTER_CLIENT_SECRET })
  const telegram = whole({ apiId: values.TELEGRAM_API_ID, apiHash: values.TELEGRAM_API_HASH })
  return {
    google: google && { ...google, ...compact({ baseUrl: values.GOOGLE_BASE_URL }) },
    twitterOAuth1: twitterOAuth1 && { ...twitterOAuth1, ...atTwitter },
    twitterOAuth2: twitterOAuth2 && { ...twitterOAuth2, ...atTwitter },
    telegram: telegram && {
      ...telegram,
      ...compact({ servers: values.TELEGRAM_SERVERS, publicKey: values.TELEGRAM_PUBLIC_KEY }),
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
      ...compact({ endpoint: values.CAPTCHA_VERIFY_URL ? endpointOf(values.CAPTCHA_VERIFY_URL) : undefined }),
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

type Defined<Values> = { [Name in keyof Values]: Exclude<Values[Name], undefined> }

/** The values if all of them are set. */
function whole<Values extends Record<string, unknown>>(values: Values): Defined<Values> | undefined {
  return Object.values(values).includes(undefined) ? undefined : (values as Defined<Values>)
}

/** Leaves out what isn't set, so that an optional property is absent. */
export function compact<Values extends Record<string, unknown>>(values: Values): Partial<Defined<Values>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<
    Defined<Values>
  >
}

/** Where metrics are shown, if they are. */
export function metricsOf({ METRICS_PORT: port, METRICS_HOST: host }: Values) {
  return port === undefined ? undefined : { host, port }
}

/** Where spans are sent, if they are: the endpoint of all telemetry has one path for each kind. */
export function tracesOf(values: Values): Endpoint | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = values
  const url = traces ?? (all && `${all.replace(/\/$/, '')}/v1/traces`)
  return url === undefined ? undefined : endpointOf(url)
}

const aDay = (daily: number) => ({ hourly: daily, daily })

/** How often connections are begun, and Telegram is asked for codes. */
export const connectionsOf = (values: Values) => ({
  starts: {
    user: { hourly: values.PLATFORM_STARTS_USER_HOURLY, daily: values.PLATFORM_STARTS_USER_DAILY },
    network: {
      hourly: values.PLATFORM_STARTS_NETWORK_HOURLY,
      daily: values.PLATFORM_STARTS_NETWORK_DAILY,
    },
    everybody: { hourly: values.PLATFORM_STARTS_HOURLY, daily: values.PLATFORM_STARTS_DAILY },
  },
  codes: {
    waits: values.TELEGRAM_RESEND_WAITS,
    numbersDaily: values.TELEGRAM_NUMBERS_USER_DAILY,
    user: aDay(values.TELEGRAM_CODES_USER_DAILY),
    network: aDay(values.TELEGRAM_CODES_NETWORK_DAILY),
    everybody: aDay(values.TELEGRAM_CODES_DAILY),
  },
})
