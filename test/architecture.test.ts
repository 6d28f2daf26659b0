import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findViolations, type Rules } from './support/find-violations.ts'

const rules: Rules = {
  table: {
    // Start the server: they alone read settings, and put everything together.
    runtime: ['*'],
    // The only folder that knows HTTP. Handlers call verbs of the domain.
    api: [
      ...['accounts', 'otp', 'sessions', 'vault', 'input', 'errors.ts', 'db/is-unreachable.ts'],
      ...['housekeeping/check-readiness.ts', 'housekeeping/keys-fit.ts'],
      // To tell a lost key from a defect.
      'crypto/seal.ts',
      'telemetry/observer.ts',
      ...['type services.ts', 'type platforms/platform.ts', 'type sms/code-sender.ts'],
    ],
    // The domain.
    accounts: [
      'audit',
      'sessions',
      'otp',
      'vault',
      'limits',
      'db',
      'input/phone-number.ts',
      // To tell a lost key from a defect.
      'crypto/seal.ts',
      'errors.ts',
      'type services.ts',
    ],
    otp: [
      'audit',
      'sessions',
      'limits',
      'db',
      'input/phone-number.ts',
      'errors.ts',
      'type sms/code-sender.ts',
      'type services.ts',
    ],
    vault: [
      'audit',
      'limits',
      'db',
      'errors.ts',
      'type sessions/session.ts',
      'type platforms/platform.ts',
      'type services.ts',
      'type telemetry/observer.ts',
    ],
    sessions: ['audit', 'db', 'crypto/sha256.ts', 'errors.ts', 'type services.ts'],
    limits: ['db', 'errors.ts', 'type services.ts'],
    // `limits` says for how long it remembers; keys are changed in whatever `vault` has sealed.
    housekeeping: ['audit', 'db', 'limits', 'vault/grant-row.ts', 'crypto/seal.ts', 'type services.ts'],
    // What is written down of all that concerns an account's safety.
    audit: ['limits', 'errors.ts', 'type services.ts'],
    // What speaks to providers: each knows itself and nothing of who asks.
    platforms: ['errors.ts', 'input'],
    sms: ['errors.ts'],
    captcha: ['errors.ts'],
    // Tools: nothing of ours.
    crypto: [],
    input: [],
    // The migrations' journal says which schema the code is written for.
    db: ['drizzle/meta'],
    errors: [],
    config: ['db/url'],
    // What the domain works with, as types.
    services: [
      ...['type captcha', 'type crypto', 'type db', 'type platforms/platform.ts', 'type sms/code-sender.ts'],
      'type telemetry/observer.ts',
    ],
    // Watches what it is put around: the domain knows only the interface.
    telemetry: ['errors.ts', 'input/phone-number.ts', 'type db', 'type services.ts', 'type sms/code-sender.ts'],
    // Apart from the server: stand-ins for development and tests, the API page's script, the client package.
    sandbox: [],
    docs: [],
    client: ['type api/api.ts'],
  },
  packages: {
    // All three runtimes have it.
    'node:crypto': ['crypto', 'runtime', 'sandbox'],
    'node:': ['runtime', 'sandbox'],
    hono: ['api', 'sandbox', 'client'],
    '@hono': ['api', 'runtime', 'sandbox'],
    'drizzle-orm': [
      ...[
        'api',
        'audit',
        'accounts',
        'otp',
        'vault',
        'sessions',
        'limits',
        'housekeeping',
        'db',
        'runtime',
        'telemetry',
      ],
    ],
    postgres: ['db', 'runtime'],
    googleapis: ['platforms'],
    'twitter-api-v2': ['platforms'],
    telegram: ['platforms', 'sandbox'],
    emulate: ['sandbox'],
    'prom-client': ['telemetry'],
    '@opentelemetry': ['telemetry'],
  },
  lazy: [
    ...['sandbox', 'googleapis', 'twitter-api-v2', 'telegram', '@zxcvbn-ts'],
    ...['platforms/gmail/library.ts', 'platforms/telegram/library.ts'],
    ...['telemetry/metrics', 'telemetry/traces', 'prom-client', '@opentelemetry'],
  ],
  names: {
    process: ['runtime', 'sandbox'],
    Buffer: ['runtime', 'sandbox'],
    require: [],
    // A Worker has no other way to write its log.
    console: ['src/runtime/worker.ts'],
  },
  longest: 200,
  long: { 'src/api/document/operations.ts': 'data: an entry for each operation' },
}

const root = fileURLToPath(new URL('..', import.meta.url))
const paths = ['src/**/*.ts', 'client/src/**/*.ts'].flatMap((pattern) => globSync(pattern, { cwd: root }))
const modules = Object.fromEntries(paths.map((path) => [path, readFileSync(`${root}${path}`, 'utf8')]))

test('every module keeps to the rules', () => {
  expect(paths.length).toBeGreaterThan(100)
  expect(findViolations(modules, rules)).toEqual([])
})

test('what may be longer is longer', () => {
  for (const path of Object.keys(rules.long)) expect(modules[path]?.split('\n').length).toBeGreaterThan(rules.longest)
})

describe('the rules catch', () => {
  test.each(
    [
      [
        'src/otp/a.ts',
        "import { saveGrant } from '../vault/save-grant.ts'",
        'imports vault/save-grant.ts, which otp may not',
      ],
      [
        'src/otp/a.ts',
        "export { saveGrant } from '../vault/save-grant.ts'",
        'imports vault/save-grant.ts, which otp may not',
      ],
      ['src/otp/a.ts', "export * from '../vault/save-grant.ts'", 'imports vault/save-grant.ts, which otp may not'],
      ['src/otp/a.ts', "import '../vault/save-grant.ts'", 'imports vault/save-grant.ts, which otp may not'],
      ['src/otp/a.ts', "await import('../vault/save-grant.ts')", 'imports vault/save-grant.ts, which otp may not'],
      ['src/otp/a.ts', "import type { X } from '../vault/x.ts'", 'imports vault/x.ts, which otp may not'],
      ['src/otp/a.ts', "type X = import('../vault/x.ts').X", 'imports vault/x.ts, which otp may not'],
      ['src/otp/a.ts', "import { services } from '../services.ts'", 'imports services.ts, which otp may not'],
      [
        'src/otp/a.ts',
        "import { type Services, open } from '../services.ts'",
        'imports services.ts, which otp may not',
      ],
      ['src/otp/deep/a.ts', "import { x } from '../../api/x.ts'", 'imports api/x.ts, which otp may not'],
      [
        'src/vault/a.ts',
        "import { gmail } from '../platforms/gmail.ts'",
        'imports platforms/gmail.ts, which vault may not',
      ],
      ['src/platforms/a.ts', "import { x } from '../sms/post.ts'", 'imports sms/post.ts, which platforms may not'],
      ['src/sandbox/a.ts', "import { x } from '../errors.ts'", 'imports errors.ts, which sandbox may not'],
      ['src/crypto/a.ts', "import { x } from '../errors.ts'", 'imports errors.ts, which crypto may not'],
      [
        'src/config/a.ts',
        "import type { Settings } from '../services.ts'",
        'imports services.ts, which config may not',
      ],
      ['src/api/a.ts', "import { users } from '../db/schema.ts'", 'imports db/schema.ts, which api may not'],
      ['src/api/a.ts', "import { config } from '../config.ts'", 'imports config.ts, which api may not'],
      ['src/api/a.ts', "await import('../sandbox/google.ts')", 'imports sandbox/google.ts, which api may not'],
      ['src/errors.ts', "import { api } from './api/api.ts'", 'imports api/api.ts, which errors may not'],
      ['client/src/a.ts', "import { api } from '../../src/api/api.ts'", 'imports api/api.ts, which client may not'],
      ['client/src/a.ts', "import type { X } from '../../src/errors.ts'", 'imports errors.ts, which client may not'],
      ['src/vault/a.ts', "import { Hono } from 'hono'", 'imports hono, which vault may not'],
      ['src/runtime/a.ts', "import { Hono } from 'hono/tiny'", 'imports hono/tiny, which runtime may not'],
      ['src/crypto/a.ts', "import { readFile } from 'node:fs'", 'imports node:fs, which crypto may not'],
      ['src/sms/a.ts', "import type { X } from 'drizzle-orm'", 'imports drizzle-orm, which sms may not'],
      [
        'src/platforms/a.ts',
        "import { TwitterApi } from 'twitter-api-v2'",
        'imports twitter-api-v2, which is loaded when first used',
      ],
      [
        'src/runtime/a.ts',
        "import { x } from '../sandbox/x.ts'",
        'imports sandbox/x.ts, which is loaded when first used',
      ],
      [
        'src/platforms/gmail.ts',
        "import { oauth2 } from './gmail/library.ts'",
        'imports platforms/gmail/library.ts, which is loaded when first used',
      ],
      ['src/api/a.ts', 'export const a = process.env.PORT', 'uses process'],
      ['src/api/a.ts', "export const a = Buffer.from('')", 'uses Buffer'],
      ['src/runtime/a.ts', "console.log('here')", 'uses console'],
      ['src/helpers/a.ts', 'export const a = 1', 'helpers has no row in the table'],
      ['src/api/a.ts', '// a line\n'.repeat(201), 'is longer than 200 lines'],
    ].map(([path = '', source = '', violation = '']) => [`${path}: ${violation}`, path, source] as const),
  )('%s', (violation, path, source) => {
    expect(findViolations({ [path]: source }, rules)).toEqual([violation])
  })

  test.each([
    ['src/otp/a.ts', "import { b } from './b.ts'"],
    ['src/otp/a.ts', "import type { Services } from '../services.ts'"],
    ['src/otp/a.ts', "import { type Services } from '../services.ts'"],
    ['src/config.ts', "import { settings } from './config/settings.ts'"],
    ['src/runtime/a.ts', "await import('../sandbox/google.ts')"],
    ['src/platforms/gmail/library.ts', "export { oauth2 } from 'googleapis/build/src/apis/oauth2/index.js'"],
    [
      'src/api/a.ts',
      "export const a = { process: 1, console: ipaddr.process('') } // Buffer, console.log, import('../sandbox/x.ts')",
    ],
    ['src/api/a.ts', 'export const a = "import { x } from \'node:fs\'"'],
    ['client/src/a.ts', "import type { api } from '../../src/api/api.ts'"],
  ])('nothing in %s: %s', (path, source) => {
    expect(findViolations({ [path]: source }, rules)).toEqual([])
  })
})
