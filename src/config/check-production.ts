import ipaddr from 'ipaddr.js'
import { type SettingName, type SetValues, secretNames, textsOf, urlNames } from './settings.ts'

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
  for (const [name, secret] of textsOf(set, secretNames))
    if (isPlaceholder(secret)) add(name, 'is an example or a placeholder, which anybody knows')
  if (set.SMS_WEBHOOK_SECRET && isGuessable(webhookKey(set.SMS_WEBHOOK_SECRET)))
    add('SMS_WEBHOOK_SECRET', 'is not random: `openssl rand -base64 32` makes one that is')

  for (const [name, url] of textsOf(set, urlNames))
    if (isPlainAndPublic(url))
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

/** The secrets that providers publish for tests, which accept any answer, and the key of the Standard Webhooks specification. */
const published: ReadonlySet<string> = new Set([
  ...[
    '1x0000000000000000000000000000000AA',
    '2x0000000000000000000000000000000AA',
    '3x0000000000000000000000000000000AA',
  ],
  ...['0x0000000000000000000000000000000000000000', '6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe'],
  ...['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
])

const placeholder =
  /(?<![a-z0-9])(change[-_ ]?(me|this)|your[-_ ]|example|placeholder|replace[-_ ]?(me|this)|dummy|insert[-_ ])|^(<.*>|\$\{.*\}|\{\{.*\}\}|(my[-_ ]?)?(secret|token|password|api[-_ ]?key|key)[-_ ]?\d*|todo|none|null|undefined|test(ing)?)$/i

/** Whether a secret is one that anybody knows: out of an example, a provider's documentation, or not filled in. */
export const isPlaceholder = (secret: string): boolean =>
  published.has(secret) || placeholder.test(secret) || new Set(secret).size === 1

/** Whether bytes that should be random can't be: repeated, counted up, or few different ones. A random 32 have some 30 different ones. */
export function isGuessable(bytes: Uint8Array): boolean {
  const steps = new Set(bytes.slice(1).map((byte, index) => byte - (bytes[index] ?? 0)))
  return steps.size <= 2 || new Set(bytes).size < bytes.length / 2
}

/** Whether bytes are text, such as a passphrase or a key's hexadecimal digits: far fewer could stand there than random ones. */
export const isText = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte < 0x7f)

/** Names that no public DNS answers. A single word is a machine's or a container's of one's own network. */
const privateNames = /^[^.]+$|\.(localhost|local|internal|lan|home|home\.arpa|intranet|private|corp|test)$/i

const privateRanges: ReadonlySet<string> = new Set([
  ...['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat', 'unspecified'],
])

/** Whether what is sent to a URL's host stays on this machine or a network of one's own. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  return ipaddr.isValid(host) ? privateRanges.has(ipaddr.process(host).range()) : privateNames.test(host)
}
