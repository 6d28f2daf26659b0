import { isGuessable, isPlaceholder, isText } from './is-guessable.ts'
import { isPrivateHost } from './is-private-host.ts'
import { type SettingName, type SetValues, secretNames, urlNames } from './settings.ts'

type Add = (name: SettingName, why: string) => void

/** Adds what is safe in development only. */
export function checkProduction(set: SetValues, add: Add): void {
  const need = (name: SettingName, why: string) => {
    if (set[name] === undefined) add(name, why)
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
  if ((set.SMS_PROVIDER ?? 'console') === 'console')
    add('SMS_PROVIDER', 'must be webhook, twilio-verify or twilio in production: console shows every code')
  if (set.SANDBOX) add('SANDBOX', 'must not be true in production: its platforms are stand-ins')
  if (set.COOKIE_SECURE === false)
    add('COOKIE_SECURE', 'must not be false in production: cookies would cross the network in plain text')

  if (set.SECRET_KEYS?.some(({ bytes }) => isGuessable(bytes) || isText(bytes)))
    add('SECRET_KEYS', 'has a key that is not random: `npm run --silent keys:generate` makes one that is')
  for (const name of secretNames)
    if (isPlaceholder(String(set[name] ?? ''))) add(name, 'is an example or a placeholder, which anybody knows')
  if (set.SMS_WEBHOOK_SECRET && isGuessable(webhookKey(set.SMS_WEBHOOK_SECRET)))
    add('SMS_WEBHOOK_SECRET', 'is not random: `openssl rand -base64 32` makes one that is')

  for (const name of urlNames)
    if (isPlainAndPublic(String(set[name] ?? '')))
      add(name, 'must be an https:// URL in production, except on this machine or a private network')
  if (set.ORIGINS?.some(isPlainAndPublic))
    add('ORIGINS', 'must be https:// in production: browsers send no session from http:// pages')
}

function isPlainAndPublic(url: string): boolean {
  const { protocol, hostname = '' } = URL.parse(url) ?? {}
  return protocol === 'http:' && !isPrivateHost(hostname)
}

const webhookKey = (secret: string) =>
  Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (letter) => letter.charCodeAt(0))
