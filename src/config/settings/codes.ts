import { isSupportedCountry } from 'libphonenumber-js/max'
import * as z from 'zod'
import { count, listOf, percent, readSeconds, seconds, text } from '../kinds.ts'
import type { SettingGroup } from '../setting.ts'
import { baseUrl, endpointUrl } from '../urls.ts'

const countries = listOf(readCountry, 'must be ISO 3166 codes of two letters, comma-separated')

export const codes = {
  title: 'One-time codes and SMS',
  settings: {
    OTP_RESEND_WAITS: {
      schema: listOf(readSeconds, 'must be seconds, comma-separated'),
      default: '120,300,900,86400',
      help: 'Seconds between codes sent to one number. After the last wait the list starts again.',
    },
    OTP_LIFETIME: { schema: seconds, default: '600', help: 'Seconds until a code expires.' },
    OTP_TRIES: { schema: count, default: '5', help: 'Wrong attempts that invalidate a code.' },
    SMS_HOURLY: { schema: count, default: '500', help: 'Codes sent within an hour to all numbers together.' },
    SMS_DAILY: { schema: count, default: '2000', help: 'Codes sent within 24 hours to all numbers together.' },
    SMS_SHARE: {
      schema: percent,
      default: '80',
      help: 'Percentage of SMS_HOURLY and SMS_DAILY that one country, or one client network (IPv4 /24, IPv6 /48), can use up.',
    },
    SMS_RESERVE: {
      schema: percent,
      default: '10',
      help: 'Percentage of each limit that is added for recoveries once others have used it up: once if a captcha was solved, twice from networks where the owner signed in within the last 30 days.',
    },
    SMS_NUMBER_DAILY: { schema: count, default: '10', help: 'Codes sent to one number within 24 hours.' },
    SMS_NETWORK_DAILY: {
      schema: count,
      default: '50',
      help: 'Codes requested by one client network within 24 hours that nobody has entered.',
    },
    SMS_NETWORK_DAILY_TOTAL: {
      schema: count,
      default: '200',
      help: 'Codes requested by one client network within 24 hours, entered or not.',
    },
    SMS_COUNTRY_DAILY_FLOOR: {
      schema: count,
      default: '100',
      help: 'Codes sent to one country within 24 hours that nobody has entered. Codes entered there within two weeks add to it.',
    },
    SMS_ALLOWED_COUNTRIES: {
      schema: countries,
      help: 'Countries to send codes to, as ISO codes such as CM,NG. Empty: all. ZZ stands for numbers without a country, which are only sent to if it is listed: satellite phones, universal numbers (+87x, +88x), personal numbers (such as +4470).',
    },
    SMS_DENIED_COUNTRIES: { schema: countries, help: 'Countries never to send codes to, as ISO codes.' },
    SMS_PROVIDER: {
      schema: z.enum(
        ['console', 'webhook', 'twilio-verify', 'twilio'],
        'must be console, webhook, twilio-verify or twilio',
      ),
      default: 'console',
      help: 'Who sends codes: console (prints them), webhook, twilio-verify or twilio.',
    },
    SMS_FALLBACK_PROVIDER: {
      schema: z.enum(['webhook', 'twilio-verify', 'twilio'], 'must be webhook, twilio-verify or twilio'),
      help: 'Provider that sends a code at once when SMS_PROVIDER fails: webhook, twilio-verify or twilio. Empty: none.',
    },
    SMS_WEBHOOK_URL: { schema: endpointUrl, help: 'webhook: URL that receives POST {to, text, code, purpose}.' },
    SMS_WEBHOOK_SECRET: {
      schema: text.regex(
        /^(whsec_)?([A-Za-z0-9+/]{4}){8,21}([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?$/,
        'must be 24 to 64 bytes in base64, with or without whsec_ before them',
      ),
      secret: true,
      help: 'webhook: key that signs each request (Standard Webhooks): base64 of 24 to 64 bytes, with or without whsec_.',
    },
    TWILIO_ACCOUNT_SID: { schema: text, help: 'twilio, twilio-verify: account SID.' },
    TWILIO_AUTH_TOKEN: { schema: text, secret: true, help: 'twilio, twilio-verify: auth token of the account.' },
    TWILIO_SERVICE_SID: { schema: text, help: 'twilio-verify: SID of the Verify service.' },
    TWILIO_FROM: { schema: text, help: 'twilio: number or sender id that messages come from.' },
    TWILIO_BASE_URL: { schema: baseUrl, help: "twilio, twilio-verify: another host instead of Twilio's, for tests." },
  },
} as const satisfies SettingGroup

/** ZZ: numbers of no country, such as those of satellites. */
function readCountry(entry: string) {
  return entry === 'ZZ' || isSupportedCountry(entry) ? entry : undefined
}
