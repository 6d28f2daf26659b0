import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, settingNames } from '../src/config/config.ts'
import {
  captcha,
  type Env,
  examples,
  google,
  key,
  mastodon,
  oauth1,
  oauth2,
  ring,
  telegram,
  twilio,
  verify,
  webhook,
} from './support/setting-examples.ts'

const random = 'k1:q83vASNFZ4mrze8BI0Vnic9/xY2Q7hKpTgDfWsLmEu0='
const production = {
  NODE_ENV: 'production',
  SECRET_KEYS: random,
  ORIGINS: 'https://app.example.org',
  HIDE_ACCOUNTS: 'true',
  ...webhook,
}

const problemsOf = (env: Env, readFile?: (path: string) => string): readonly string[] => {
  try {
    readConfig(env, readFile)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('each setting is looked at here', () => {
  expect(Object.keys(examples).sort()).toEqual([...settingNames].sort())
})

describe.each(Object.entries(examples))('%s', (name, { of, unset, reads: [written, read], with: others = {} }) => {
  test('has its default, also where it is an empty string', () => {
    for (const env of [{}, { [name]: '' }, { [name]: ' \n' }, { [`${name}_FILE`]: '' }])
      expect(of(readConfig(env))).toEqual(unset)
  })

  test('is read, also from a file', () => {
    expect(of(readConfig({ ...others, [name]: ` ${written}\n` }))).toEqual(read)
    const { [name]: _, ...rest } = others
    const readFile = (path: string) => (path === '/run/secrets/it' ? `${written}\r\n` : expect.fail(path))
    expect(of(readConfig({ ...rest, [`${name}_FILE`]: '/run/secrets/it' }, readFile))).toEqual(read)
  })
})

const refused = Object.entries(examples).flatMap(([name, { refuses: [values, message] = [[], ''], with: others }]) =>
  values.map((value) => [name, value, message, others] as const),
)

test.each(refused)('%s is not %j: it %s', (name, value, message, others) => {
  expect(problemsOf({ ...others, [name]: value })).toEqual([`${name} ${message}`])
})

describe('the origins', () => {
  test.each([
    ['https://a.example/', 'https://a.example'],
    ['HTTPS://A.example', 'https://a.example'],
    ['https://a.example:443', 'https://a.example'],
    ['http://a.example:80/', 'http://a.example'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['http://tauri.localhost', 'http://tauri.localhost'],
    ['tauri://localhost', 'tauri://localhost'],
    ['capacitor://localhost/', 'capacitor://localhost'],
    ['ionic://localhost', 'ionic://localhost'],
    ['app://.', 'app://.'],
    ['chrome-extension://abcdefghijklmnopabcdefghijklmnop', 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
    [
      'safari-web-extension://0A1B2C3D-0000-4000-8000-00000000000F',
      'safari-web-extension://0A1B2C3D-0000-4000-8000-00000000000F',
    ],
  ])('%s is compared as %s', (written, read) => {
    expect(readConfig({ ORIGINS: written }).settings.origins).toEqual([read])
  })

  test.each(['null', 'https://a.example, null', 'file://', 'file:///app/index.html', 'NULL'])(
    'may not have %s, which says nothing of who asks',
    (written) => {
      expect(problemsOf({ ORIGINS: written })).toEqual([
        expect.stringMatching(/^ORIGINS must not contain null or file:/),
      ])
    },
  )
})

describe('the key ring', () => {
  test('has one key an id', () => {
    expect(problemsOf({ SECRET_KEYS: `k1:${key(1)},k1:${key(2)}` })).toEqual(['SECRET_KEYS has two keys with one id'])
  })

  test('takes keys with and without padding', () => {
    expect(readConfig({ SECRET_KEYS: `a:${key(1).replace('=', '')}` }).secretKeys?.[0]?.bytes).toEqual(
      new Uint8Array(32).fill(1),
    )
  })
})

describe('a file', () => {
  const readFile = (path: string) => {
    throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' })
  }

  test('and a value at once are refused', () => {
    const problems = problemsOf({ SECRET_KEYS: ring, SECRET_KEYS_FILE: '/keys' }, () => ring)
    expect(problems).toEqual(['SECRET_KEYS and SECRET_KEYS_FILE are both set; keep one'])
  })

  test('that cannot be read is refused, and only once', () => {
    const problems = problemsOf({ ...production, SECRET_KEYS: '', SECRET_KEYS_FILE: '/nowhere' }, readFile)
    expect(problems).toEqual(["SECRET_KEYS_FILE names a file that can't be read (ENOENT)"])
  })

  test('is refused where there are none', () => {
    expect(problemsOf({ SECRET_KEYS_FILE: '/keys' })).toEqual([
      "SECRET_KEYS_FILE can't be used here: this runtime has no files",
    ])
  })

  test('that is empty is an unset value', () => {
    expect(readConfig({ SECRET_KEYS_FILE: '/keys' }, () => '\n').secretKeys).toBeUndefined()
  })
})

describe('production', () => {
  test('starts with what it needs, and not with defaults of development', () => {
    const config = readConfig(production)
    expect(config).toMatchObject({
      production: true,
      host: '0.0.0.0',
      sandbox: false,
      docs: false,
      settings: { secureCookies: true },
    })
  })

  test('refuses everything that is only safe in development, all at once', () => {
    const problems = problemsOf({ NODE_ENV: 'production', COOKIE_SECURE: 'false', SANDBOX: 'true', PORT: 'x' })
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PORT',
      'SECRET_KEYS',
      'ORIGINS',
      'HIDE_ACCOUNTS',
      'SMS_PROVIDER',
      'SANDBOX',
      'COOKIE_SECURE',
    ])
    const { message } = new ConfigError(problems)
    for (const problem of problems) expect(message).toContain(problem)
    expect(message).toContain('.env.example')
  })

  test('says of a wrong value that it is wrong, and nothing more', () => {
    const problems = problemsOf({ ...production, SMS_PROVIDER: 'sns', SECRET_KEYS: 'x', ORIGINS: '*' })
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['ORIGINS', 'SECRET_KEYS', 'SMS_PROVIDER'])
  })
})

test.each([
  ['Google', google],
  ['Twitter OAuth 1', oauth1],
  ['Twitter OAuth 2', oauth2],
  ['Telegram', telegram],
  ['Mastodon', mastodon],
  ['a captcha', captcha],
])('half-set credentials of %s are refused by the name that is missing', (_, credentials: Env) => {
  for (const missing of Object.keys(credentials)) {
    const problems = problemsOf({ ...credentials, [missing]: '' })
    expect(problems.map((problem) => problem.split(' must be set together with ')[0])).toEqual([missing])
  }
})

test.each([webhook, twilio, verify])('an SMS provider needs what it needs', ({ SMS_PROVIDER, ...credentials }: Env) => {
  const names = Object.keys(credentials)
  expect(problemsOf({ SMS_PROVIDER: `${SMS_PROVIDER}` })).toEqual(
    names.map((name) => `${name} must be set for SMS_PROVIDER=${SMS_PROVIDER}`),
  )
})

test.each([webhook, twilio, verify])(
  'a fallback needs the same, and another provider before it',
  ({ SMS_PROVIDER = '', ...credentials }: Env) => {
    const names = Object.keys(credentials)
    expect(problemsOf({ SMS_FALLBACK_PROVIDER: SMS_PROVIDER })).toEqual(
      names.map((name) => `${name} must be set for SMS_FALLBACK_PROVIDER=${SMS_PROVIDER}`),
    )
    expect(problemsOf({ ...credentials, SMS_PROVIDER, SMS_FALLBACK_PROVIDER: SMS_PROVIDER })).toEqual([
      'SMS_FALLBACK_PROVIDER must be another provider than SMS_PROVIDER',
    ])
  },
)

test.each<[Env, boolean]>([
  [{}, true],
  [google, false],
  [{ ...google, SANDBOX: 'true' }, true],
  [{ SANDBOX: 'false' }, false],
  [production, false],
])('%o: the sandbox is %o', (env, sandbox) => {
  expect(readConfig(env).sandbox).toBe(sandbox)
})

test('LEGACY_CLIENTS brings its own defaults, which can be set otherwise', () => {
  const legacy = readConfig({ LEGACY_CLIENTS: 'true' })
  expect([legacy.twitterProtocol, legacy.settings.passwordChangePurgesGrants]).toEqual(['oauth2', true])
  const changed = readConfig({
    LEGACY_CLIENTS: 'true',
    TWITTER_PROTOCOL: 'oauth',
    PASSWORD_CHANGE_PURGES_GRANTS: 'false',
  })
  expect([changed.twitterProtocol, changed.settings.passwordChangePurgesGrants]).toEqual(['oauth', false])
})

test('metrics have a port of their own', () => {
  for (const env of [{ METRICS_PORT: '9000' }, { PORT: '8080', METRICS_PORT: '8080' }])
    expect(problemsOf(env)).toEqual(['METRICS_PORT must be another than PORT'])
  expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([])
})
