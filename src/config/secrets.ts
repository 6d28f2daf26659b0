import { parseDatabaseUrl } from '../postgres/url/parse-database-url.ts'
import type { Env } from './read-settings.ts'
import { type SetValues, secretNames, textsOf, urlNames } from './settings.ts'
import { endpointOf } from './urls.ts'

/** Shorter ones would be found in words that have nothing to do with them. */
const shortest = 8
/** A part of a path that is no word but a token, as the addresses of web hooks have it. */
const token = /^[\w~.+%-]{16,}$/

/** What opens something, in each form in which it's sent somewhere. The longest first: one may begin with another. */
export function secretsOf(set: SetValues, env: Env): string[] {
  const found = new Set([...settingSecrets(set), ...headerSecrets(env)].flatMap(formsOf))
  return [...found].filter((secret) => secret.length >= shortest).sort((one, other) => other.length - one.length)
}

function settingSecrets(set: SetValues): string[] {
  const { TWILIO_ACCOUNT_SID: sid = '', TWILIO_AUTH_TOKEN: authToken } = set
  const texts = [
    ...textsOf(set, secretNames).map(([, secret]) => secret),
    ...(set.SMS_WEBHOOK_SECRET ? [set.SMS_WEBHOOK_SECRET.replace(/^whsec_/, '')] : []),
    ...(authToken ? [btoa(`${sid}:${authToken}`)] : []),
  ]
  return [
    ...(set.SECRET_KEYS ?? []).flatMap(({ bytes }) => keyForms(bytes)),
    ...texts,
    ...databasePasswords(set.DATABASE_URL),
    ...textsOf(set, urlNames).flatMap(([, url]) => urlSecrets(url)),
  ]
}

function keyForms(bytes: Uint8Array): string[] {
  const base64 = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '')
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [base64, base64.replaceAll('+', '-').replaceAll('/', '_'), hex]
}

/** As the driver sends it, and as it stands in the URL. */
function databasePasswords(url: string | undefined): string[] {
  if (url === undefined) return []
  const { password = '' } = parseDatabaseUrl(url)
  const [, written = ''] = /:\/\/[^:/?]*:(.*)@/.exec(url) ?? []
  return [password, written]
}

function urlSecrets(value: string): string[] {
  const url = URL.parse(value)
  if (!url) return []
  const { authorization } = endpointOf(value)
  return [
    ...[url.password, decoded(url.password), authorization?.replace('Basic ', '') ?? ''],
    ...[...url.searchParams.values()],
    ...url.pathname.split('/').filter((part) => token.test(part)),
  ]
}

/** Of OpenTelemetry's own variables: headers are where its collectors want their keys. */
function headerSecrets(env: Env): string[] {
  const lists = [env.OTEL_EXPORTER_OTLP_HEADERS, env.OTEL_EXPORTER_OTLP_TRACES_HEADERS]
  const values = lists.flatMap((list) => list?.split(',') ?? []).map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
  return values.flatMap((value) => [value, decoded(value), decoded(value).replace(/^\w+ /, '')])
}

const formsOf = (secret: string) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
