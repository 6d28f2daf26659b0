import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isPrivateHost } from '../../src/config/check-production.ts'
import { ConfigError, readConfig } from '../../src/config/config.ts'
import { readBindings } from '../../src/server/read-bindings.ts'
import { captcha, google, mastodon, oauth2, telegram, twilio, verify, webhook } from '../support/setting-examples.ts'

type Env = Record<string, string>

const production: Env = {
  NODE_ENV: 'production',
  SECRET_KEYS: `a:${randomBytes(32).toString('base64')}`,
  ORIGINS: 'https://app.example.org',
  HIDE_ACCOUNTS: 'false',
  ...webhook,
}
const problemsOf = (env: Env, read: (env: Env) => unknown = readConfig): readonly string[] => {
  try {
    read(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
const namesOf = (problems: readonly string[]) => problems.map((problem) => problem.split(' ')[0])
const keyOf = (bytes: ArrayLike<number> | string) => `a:${Buffer.from(bytes as string).toString('base64')}`

describe('whether strangers may learn who has an account', () => {
  test('must be decided, and the refusal says what either choice means', () => {
    const [problem, ...more] = problemsOf({ ...production, HIDE_ACCOUNTS: '' })
    expect(more).toEqual([])
    expect(problem).toMatch(/^HIDE_ACCOUNTS must be set in production: true, .* false, /)
  })

  test.each(['true', 'false'])('may be %s, with shipped clients too', (HIDE_ACCOUNTS) => {
    for (const LEGACY_CLIENTS of ['true', 'false'])
      expect(problemsOf({ ...production, HIDE_ACCOUNTS, LEGACY_CLIENTS })).toEqual([])
  })

  test('need not be in development', () => {
    expect(readConfig({}).settings.hideAccounts).toBe(false)
  })
})

describe('production refuses', () => {
  test.each([
    ['zeros', keyOf(new Uint8Array(32))],
    ['one byte, repeated', keyOf(new Uint8Array(32).fill(7))],
    ['four bytes, repeated', keyOf(Uint8Array.from({ length: 32 }, (_, index) => [1, 9, 77, 200][index % 4] ?? 0))],
    ['counted bytes', keyOf(Uint8Array.from({ length: 32 }, (_, index) => 250 + index))],
    ['a passphrase', keyOf('correct horse battery staple 123')],
    ['hexadecimal digits', keyOf(randomBytes(16).toString('hex'))],
    ['a weak key after a good one', `${production.SECRET_KEYS},b:${keyOf(new Uint8Array(32)).slice(2)}`],
  ])('a key of %s', (_, SECRET_KEYS) => {
    expect(problemsOf({ ...production, SECRET_KEYS })).toEqual([
      'SECRET_KEYS has a key that is not random: `npm run --silent keys:generate` makes one that is',
    ])
    expect(problemsOf({ SECRET_KEYS })).toEqual([])
  })

  const plain = 'http://provider.example.org'
  test.each<[name: string, others: Env]>([
    ['SMS_WEBHOOK_URL', {}],
    ['TWILIO_BASE_URL', twilio],
    ['CAPTCHA_VERIFY_URL', captcha],
    ['BREACHED_PASSWORDS_URL', {}],
    ['GOOGLE_BASE_URL', google],
    ['TWITTER_BASE_URL', oauth2],
    ['MASTODON_BASE_URL', mastodon],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', {}],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', {}],
    ['ORIGINS', {}],
  ])('http:// to somebody else in %s', (name, others) => {
    const real = Object.fromEntries(
      Object.keys(others).map((key) => [key, others[key]?.replace(/^(secret|token)$/, 'f7hs9kdq') ?? '']),
    )
    const env = { ...production, ...real }
    expect(namesOf(problemsOf({ ...env, [name]: plain }))).toEqual([name])
    for (const fine of [
      'https://provider.example.org',
      'http://127.0.0.1:8080',
      'http://gateway:8080',
      'http://[fd00::1]',
    ])
      expect(problemsOf({ ...env, [name]: fine })).toEqual([])
  })

  test.each<[name: string, value: string, others: Env]>([
    ['GOOGLE_CLIENT_SECRET', 'your-client-secret', google],
    ['TWITTER_CLIENT_SECRET', 'CHANGEME', oauth2],
    ['TELEGRAM_API_HASH', '<api_hash>', telegram],
    ['MASTODON_CLIENT_SECRET', '${'.concat('MASTODON_SECRET}'), mastodon],
    ['TWILIO_AUTH_TOKEN', 'xxxxxxxxxxxxxxxx', verify],
    ['CAPTCHA_SECRET', '1x0000000000000000000000000000000AA', captcha],
    ['CAPTCHA_SECRET', '0x0000000000000000000000000000000000000000', captcha],
    ['SMS_WEBHOOK_SECRET', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {}],
    ['SMS_WEBHOOK_SECRET', 'A'.repeat(32), {}],
  ])('%s=%s', (name, value, others) => {
    expect(namesOf(problemsOf({ ...production, ...others, [name]: value }))).toEqual([name])
  })

  test('no secret that is random', () => {
    for (let turn = 0; turn < 500; turn++) {
      const [key, secret] = [randomBytes(32).toString('base64'), randomBytes(24).toString('base64')]
      const env = { ...production, SECRET_KEYS: `a:${key}`, SMS_WEBHOOK_SECRET: secret }
      expect(problemsOf({ ...env, ...google, GOOGLE_CLIENT_SECRET: `GOCSPX-${secret}` })).toEqual([])
    }
  })
})

test.each([
  ['localhost', true],
  ['gateway', true],
  ['collector.monitoring.svc.cluster.local', true],
  ['10.1.2.3', true],
  ['172.20.0.1', true],
  ['192.168.1.2', true],
  ['100.100.1.1', true],
  ['[::1]', true],
  ['[::ffff:10.0.0.1]', true],
  ['[2001:4860::1]', false],
  ['8.8.8.8', false],
  ['example.org', false],
  ['example.org.', false],
])('%s is private: %o', (host, expected) => {
  expect(isPrivateHost(host)).toBe(expected)
})

describe('NODE_ENV is never taken for development by mistake', () => {
  test.each([
    ['with a byte order mark before its name', { '\uFEFFNODE_ENV': 'production' }],
    ['with one before its value', { NODE_ENV: '\uFEFFproduction' }],
    ['with spaces and a line end', { NODE_ENV: ' production \r' }],
  ])('%s', (_, env: Env) => {
    expect(readConfig({ ...production, NODE_ENV: '', ...env }).production).toBe(true)
  })

  test.each(['Production', 'PRODUCTION', 'prod', 'live', '"production"'])('as %s', (NODE_ENV) => {
    expect(namesOf(problemsOf({ ...production, NODE_ENV }))).toEqual(['NODE_ENV'])
  })
})

test('quotes that a file did not mean, and other encodings, are said by name', () => {
  expect(problemsOf({ ...google, GOOGLE_CLIENT_SECRET: '"f7hs9kdq"' })).toEqual([
    'GOOGLE_CLIENT_SECRET has quotes around its value, which belong to it here: remove them',
  ])
  const utf16 = Buffer.from('\uFEFFsecret', 'utf16le').toString('utf8')
  expect(
    problemsOf({ ...google, GOOGLE_CLIENT_SECRET: '', GOOGLE_CLIENT_SECRET_FILE: '/s' }, (env) =>
      readConfig(env, () => utf16),
    ),
  ).toEqual(['GOOGLE_CLIENT_SECRET is not in UTF-8: save its file as UTF-8'])
  const marked = readConfig(
    { ...google, GOOGLE_CLIENT_SECRET: '', GOOGLE_CLIENT_SECRET_FILE: '/s' },
    () => '\uFEFFf7hs9kdq\r\n',
  )
  expect(marked.platforms.google?.clientSecret).toBe('f7hs9kdq')
})

describe("a Worker's bindings", () => {
  const bindings = { HYPERDRIVE: { connectionString: 'postgres://x' }, ...production }

  test('are read, also numbers and truth values', () => {
    const { config, keyRing } = readBindings({ ...bindings, HIDE_ACCOUNTS: true, OTP_TRIES: 3 })
    expect(config.settings).toMatchObject({ hideAccounts: true, codes: { tries: 3 } })
    expect(keyRing).toHaveLength(1)
  })

  test('are refused with all that is wrong at once, each by its name', () => {
    const wrong = { NODE_ENV: 'production', ORIGINS: '*', SANDBOX: true, METRICS_PORT: '9464', SMS_PROVIDER: 'sns' }
    const problems = problemsOf(wrong as never, readBindings)
    expect(namesOf(problems).sort()).toEqual([
      ...['HIDE_ACCOUNTS', 'HYPERDRIVE', 'METRICS_PORT', 'ORIGINS', 'SANDBOX', 'SECRET_KEYS', 'SMS_PROVIDER'],
    ])
    expect(namesOf(problemsOf({ ...production, SECRET_KEYS: '' }, readBindings)).sort()).toEqual([
      'HYPERDRIVE',
      'SECRET_KEYS',
    ])
  })
})
