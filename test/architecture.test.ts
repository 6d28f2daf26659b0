import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findCircles, findUnused, findViolations, type Rules } from './support/find-violations.ts'

const rules: Rules = {
  table: {
    // The programs: what package.json and wrangler.toml start.
    main: ['*'],
    // One server on one machine: settings, services, HTTP listeners, the loop of jobs, backups.
    server: [
      ...['api', 'captcha', 'config', 'crypto', 'limits', 'maintenance', 'otp', 'platforms', 'postgres', 'sandbox'],
      ...['services.ts', 'sms', 'telemetry', 'vault'],
    ],
    // The only folder that knows HTTP. Handlers call verbs of the domain.
    api: [
      ...['accounts', 'otp', 'sessions', 'vault', 'input', 'errors.ts', 'postgres/errors.ts'],
      ...['maintenance/check-readiness.ts', 'maintenance/keys-fit.ts'],
      // To tell a lost key from a defect.
      'crypto/seal.ts',
      'telemetry/observer.ts',
      ...['type services.ts', 'type platforms/platform.ts', 'type sms/code-sender.ts'],
    ],
    // The domain.
    accounts: [
      ...['audit', 'sessions', 'vault', 'limits', 'postgres', 'input/phone-number.ts', 'input/uuid.ts'],
      // `seal.ts`: to tell a lost key from a defect.
      ...['crypto/seal.ts', 'crypto/seal-contexts.ts', 'errors.ts', 'type services.ts'],
    ],
    otp: [
      ...['audit', 'crypto/seal-contexts.ts', 'sessions', 'limits', 'postgres', 'input/phone-number.ts', 'errors.ts'],
      ...['type sms/code-sender.ts', 'type services.ts'],
    ],
    vault: [
      ...['audit', 'limits', 'postgres', 'crypto/seal-contexts.ts', 'errors.ts'],
      ...['type sessions/session.ts', 'type platforms/platform.ts', 'type services.ts', 'type telemetry/observer.ts'],
    ],
    sessions: ['audit', 'postgres', 'crypto/sha256.ts', 'type services.ts'],
    limits: ['postgres', 'errors.ts', 'type services.ts'],
    // `limits` says for how long it remembers; keys are changed in whatever `vault` has sealed.
    maintenance: ['audit', 'postgres', 'limits', 'vault/grant-row.ts', 'crypto', 'type services.ts'],
    // What is written down of all that concerns an account's safety.
    audit: ['limits', 'errors.ts', 'type services.ts'],
    // What speaks to providers: each knows itself and nothing of who asks.
    platforms: ['errors.ts', 'input'],
    sms: ['errors.ts'],
    captcha: ['errors.ts'],
    // Tools: nothing of ours.
    crypto: [],
    input: [],
    errors: [],
    // The tables, the client, migrations and the embedded server. The migrations' journal says which schema the code is written for.
    postgres: ['drizzle/meta'],
    config: ['postgres/url'],
    // What the domain works with, as types.
    services: [
      ...['type captcha', 'type crypto', 'type postgres', 'type platforms/platform.ts', 'type sms/code-sender.ts'],
      'type telemetry/observer.ts',
    ],
    // Watches what it is put around: the domain knows only the interface.
    telemetry: ['errors.ts', 'input/phone-number.ts', 'type postgres', 'type services.ts', 'type sms/code-sender.ts'],
    // Apart from the server: stand-ins for development and tests, the script of the page at /v2/docs, the client package.
    sandbox: [],
    'reference-page': [],
    client: ['type api/app.ts'],
  },
  packages: {
    // All three runtimes have it.
    'node:crypto': ['crypto', 'server', 'postgres', 'sandbox'],
    'node:': ['main', 'server', 'postgres', 'sandbox'],
    hono: ['api', 'sandbox', 'client'],
    '@hono': ['api', 'server', 'sandbox'],
    'drizzle-orm': [
      ...[
        'api',
        'audit',
        'accounts',
        'otp',
        'vault',
        'sessions',
        'limits',
        'maintenance',
        'postgres',
        'server',
        'telemetry',
      ],
    ],
    postgres: ['postgres', 'server'],
    googleapis: ['platforms'],
    'twitter-api-v2': ['platforms'],
    telegram: ['platforms', 'sandbox'],
    'prom-client': ['telemetry'],
    '@opentelemetry': ['telemetry'],
  },
  lazy: [
    ...['sandbox', 'googleapis', 'twitter-api-v2', 'telegram', '@zxcvbn-ts'],
    ...['platforms/gmail/library.ts', 'platforms/telegram/library.ts'],
    ...['telemetry/metrics', 'telemetry/traces', 'prom-client', '@opentelemetry'],
  ],
  names: {
    process: ['main', 'server', 'postgres', 'sandbox'],
    Buffer: ['main', 'server', 'postgres', 'sandbox'],
    require: [],
    // A Worker has no other way to write its log.
    console: ['src/main/worker.ts'],
  },
  longest: 200,
  long: { 'src/api/openapi/operations.ts': 'data: an entry for each operation' },
}

const root = fileURLToPath(new URL('..', import.meta.url))
const paths = ['src/**/*.ts', 'client/src/**/*.ts'].flatMap((pattern) => globSync(pattern, { cwd: root }))
const modules = Object.fromEntries(paths.map((path) => [path, readFileSync(`${root}${path}`, 'utf8')]))

test('every module keeps to the rules', () => {
  expect(paths.length).toBeGreaterThan(100)
  expect(findViolations(modules, rules)).toEqual([])
})

test('no permission is there that nobody uses', () => {
  expect(findUnused(modules, rules)).toEqual([])
})

test('no module imports itself by way of others', () => {
  expect(findCircles(modules)).toEqual([])
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
      [
        'src/api/a.ts',
        "import { users } from '../postgres/schema/schema.ts'",
        'imports postgres/schema/schema.ts, which api may not',
      ],
      [
        'src/api/a.ts',
        "import { readConfig } from '../config/config.ts'",
        'imports config/config.ts, which api may not',
      ],
      ['src/server/a.ts', "import { start } from '../main/node.ts'", 'imports main/node.ts, which server may not'],
      ['src/postgres/a.ts', "import type { Log } from '../services.ts'", 'imports services.ts, which postgres may not'],
      ['src/api/a.ts', "await import('../sandbox/google.ts')", 'imports sandbox/google.ts, which api may not'],
      ['src/errors.ts', "import { api } from './api/app.ts'", 'imports api/app.ts, which errors may not'],
      ['client/src/a.ts', "import { api } from '../../src/api/app.ts'", 'imports api/app.ts, which client may not'],
      ['client/src/a.ts', "import type { X } from '../../src/errors.ts'", 'imports errors.ts, which client may not'],
      ['src/vault/a.ts', "import { Hono } from 'hono'", 'imports hono, which vault may not'],
      ['src/server/a.ts', "import { Hono } from 'hono/tiny'", 'imports hono/tiny, which server may not'],
      ['src/crypto/a.ts', "import { readFile } from 'node:fs'", 'imports node:fs, which crypto may not'],
      ['src/sms/a.ts', "import type { X } from 'drizzle-orm'", 'imports drizzle-orm, which sms may not'],
      [
        'src/platforms/a.ts',
        "import { TwitterApi } from 'twitter-api-v2'",
        'imports twitter-api-v2, which is loaded when first used',
      ],
      [
        'src/server/a.ts',
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
      ['src/server/a.ts', "console.log('here')", 'uses console'],
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
    ['src/services.ts', "import type { Database } from './postgres/database.ts'"],
    ['src/server/a.ts', "await import('../sandbox/google.ts')"],
    ['src/platforms/gmail/library.ts', "export { oauth2 } from 'googleapis/build/src/apis/oauth2/index.js'"],
    [
      'src/api/a.ts',
      "export const a = { process: 1, console: ipaddr.process('') } // Buffer, console.log, import('../sandbox/x.ts')",
    ],
    ['src/api/a.ts', 'export const a = "import { x } from \'node:fs\'"'],
    ['client/src/a.ts', "import type { api } from '../../src/api/app.ts'"],
  ])('nothing in %s: %s', (path, source) => {
    expect(findViolations({ [path]: source }, rules)).toEqual([])
  })
})
