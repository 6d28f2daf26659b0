import { isGuessable, isPlaceholder, isText } from './is-guessable.ts'
import { isPrivateHost } from './is-private-host.ts'
import type { Given, SettingName } from './settings.ts'

type Add = (name: SettingName, why: string) => void

/** What sends secrets and people's numbers somewhere. */
const urls = [
  ...(['SMS_WEBHOOK_URL', 'TWILIO_BASE_URL', 'CAPTCHA_VERIFY_URL', 'BREACHED_PASSWORDS_URL'] as const),
  ...(['GOOGLE_BASE_URL', 'TWITTER_BASE_URL', 'MASTODON_BASE_URL'] as const),
  ...(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const),
]

const secrets = [
  ...(['SMS_WEBHOOK_SECRET', 'TWILIO_AUTH_TOKEN', 'CAPTCHA_SECRET', 'GOOGLE_CLIENT_SECRET'] as const),
  ...(['TWITTER_API_KEY_SECRET', 'TWITTER_CLIENT_SECRET', 'TELEGRAM_API_HASH', 'MASTODON_CLIENT_SECRET'] as const),
]

/** Adds what is safe in development only. */
export function checkProduction(given: Given, add: Add): void {
  const need = (name: SettingName, why: string) => {
    if (given[name] === undefined) add(name, why)
  }
  need('SECRET_KEYS', 'must be set in production: `npm run --silent keys:generate` makes one')
  need(
    'ORIGINS',
    'must be set in production: the web origins that may call, the first of which receives platform redirects',
  )
  need(
    'HIDE_ACCOUNTS',
    'must be set in production: true, and nobody learns from this server who has an account, but people who mistype their number wait for a code that never comes; false, and sign-up and recovery tell anybody who asks about a number (a limited number of times)',
  )
  if ((given.SMS_PROVIDER ?? 'console') === 'console')
    add('SMS_PROVIDER', 'must be webhook, twilio-verify or twilio in production: console shows every code')
  if (given.SANDBOX) add('SANDBOX', 'must not be true in production: its platforms are stand-ins')
  if (given.COOKIE_SECURE === false)
    add('COOKIE_SECURE', 'must not be false in production: cookies would cross the network in plain text')

  if (given.SECRET_KEYS?.some(({ bytes }) => isGuessable(bytes) || isText(bytes)))
    add('SECRET_KEYS', 'has a key that is not random: `npm run --silent keys:generate` makes one that is')
  for (const name of secrets)
    if (isPlaceholder(given[name] ?? '')) add(name, 'is an example or a placeholder, which anybody knows')
  if (given.SMS_WEBHOOK_SECRET && isGuessable(webhookKey(given.SMS_WEBHOOK_SECRET)))
    add('SMS_WEBHOOK_SECRET', 'is not random: `openssl rand -base64 32` makes one that is')

  for (const name of urls)
    if (isPlainAndPublic(given[name] ?? ''))
      add(name, 'must be an https:// URL in production, except on this machine or a private network')
  if (given.ORIGINS?.some(isPlainAndPublic))
    add('ORIGINS', 'must be https:// in production: browsers send no session from http:// pages')
}

function isPlainAndPublic(url: string): boolean {
  const { protocol, hostname = '' } = URL.parse(url) ?? {}
  return protocol === 'http:' && !isPrivateHost(hostname)
}

const webhookKey = (secret: string) =>
  Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (letter) => letter.charCodeAt(0))
