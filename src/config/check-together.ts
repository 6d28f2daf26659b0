import { checkProduction } from './check-production.ts'
import type { Problems } from './read-settings.ts'
import type { SettingName, SetValues } from './settings.ts'

const wholeOnly: readonly (readonly SettingName[])[] = [
  ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ['TWITTER_API_KEY', 'TWITTER_API_KEY_SECRET'],
  ['TWITTER_CLIENT_ID', 'TWITTER_CLIENT_SECRET'],
  ['TELEGRAM_API_ID', 'TELEGRAM_API_HASH'],
  ['MASTODON_BASE_URL', 'MASTODON_CLIENT_ID', 'MASTODON_CLIENT_SECRET'],
  ['CAPTCHA_PROVIDER', 'CAPTCHA_SECRET'],
]

const neededBySms = {
  console: [],
  webhook: ['SMS_WEBHOOK_URL', 'SMS_WEBHOOK_SECRET'],
  twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  'twilio-verify': ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_SERVICE_SID'],
} as const satisfies Record<NonNullable<SetValues['SMS_PROVIDER']>, readonly SettingName[]>

/** Adds what is wrong with the settings taken together: half-set credentials, and in production what is only safe in development. */
export function checkTogether(set: SetValues, problems: Problems): void {
  const add = (name: SettingName, why: string) => {
    if (!problems.has(name)) problems.set(name, `${name} ${why}`)
  }
  const need = (name: SettingName, why: string) => {
    if (set[name] === undefined) add(name, why)
  }

  const { SMS_PROVIDER: smsProvider = 'console', SMS_FALLBACK_PROVIDER: fallback } = set
  if (set.NODE_ENV === 'production') checkProduction(set, add)
  if (set.METRICS_PORT && set.METRICS_PORT === (set.PORT ?? 9000)) add('METRICS_PORT', 'must be another than PORT')
  for (const name of neededBySms[smsProvider]) need(name, `must be set for SMS_PROVIDER=${smsProvider}`)
  if (fallback === smsProvider) add('SMS_FALLBACK_PROVIDER', 'must be another provider than SMS_PROVIDER')
  else if (fallback)
    for (const name of neededBySms[fallback]) need(name, `must be set for SMS_FALLBACK_PROVIDER=${fallback}`)
  for (const names of wholeOnly) {
    const present = names.filter((name) => set[name] !== undefined)
    if (present.length > 0) for (const name of names) need(name, `must be set together with ${present.join(', ')}`)
  }
}
