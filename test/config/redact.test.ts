import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { createRedactor } from '../../src/config/redact.ts'
import { captcha, google, mastodon, ring, telegram, twilio } from '../support/setting-examples.ts'

const hide = (env: Record<string, string>) => createRedactor(readConfig(env).secrets)
const marked = 'sEcReT of "mine" 8d1f'

test.each<[name: string, env: Record<string, string>]>([
  ['CAPTCHA_SECRET', { ...captcha, CAPTCHA_SECRET: marked }],
  ['GOOGLE_CLIENT_SECRET', { ...google, GOOGLE_CLIENT_SECRET: marked }],
  ['TELEGRAM_API_HASH', { ...telegram, TELEGRAM_API_HASH: marked }],
  ['MASTODON_CLIENT_SECRET', { ...mastodon, MASTODON_CLIENT_SECRET: marked }],
  ['TWILIO_AUTH_TOKEN', { ...twilio, TWILIO_AUTH_TOKEN: marked }],
  ['the password of DATABASE_URL', { DATABASE_URL: `postgres://me:${encodeURIComponent(marked)}@db/x` }],
  ['the query of SMS_WEBHOOK_URL', { SMS_WEBHOOK_URL: `https://sms.example/?key=${encodeURIComponent(marked)}` }],
  ["OpenTelemetry's headers", { OTEL_EXPORTER_OTLP_HEADERS: `api-key=${encodeURIComponent(marked)}` }],
])('%s is hidden in each form in which it is sent', (_, env) => {
  for (const form of [marked, encodeURIComponent(marked), JSON.stringify(marked)])
    expect(hide(env)(`it was ${form}, then`)).not.toContain('sEcReT')
})

test('so are keys in any base, Basic credentials and the tokens in a path', () => {
  const bytes = Buffer.alloc(32, 2)
  for (const form of [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')])
    expect(hide({ SECRET_KEYS: ring })(form)).toBe(form.endsWith('=') ? '[secret]=' : '[secret]')
  const basic = Buffer.from('AC1:a long token').toString('base64')
  expect(hide({ ...twilio, TWILIO_AUTH_TOKEN: 'a long token' })(basic)).toBe('[secret]')
  const hook = hide({ SMS_WEBHOOK_URL: 'https://hooks.example/services/T024BE7LDB024BE7LD/x' })
  expect(hook('POST /services/T024BE7LDB024BE7LD/x')).toBe('POST /services/[secret]/x')
})

test('an address loses its user name, password and query, whosever it is', () => {
  expect(hide({})('asked https://ada:pw@db.example:1/path?token=abc#x "redis://:pw@cache" and http://plain/x')).toBe(
    'asked https://db.example:1/path?… "redis://cache" and http://plain/x',
  )
})

test('words that a short secret happens to be stay as they are', () => {
  expect(hide({ ...google, GOOGLE_CLIENT_SECRET: 'message' })('{"message":"ok"}')).toBe('{"message":"ok"}')
})
