import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { findUnknownNames } from '../../src/config/unknown-names.ts'
import { addressOf } from '../../src/server/http/host.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { createDatabase } from '../support/create-database.ts'
import { startServer } from '../support/start-server.ts'

const secret = randomBytes(32).toString('base64')

const production = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  SECRET_KEYS: `k2:${secret},k1:${randomBytes(32).toString('base64')}`,
  ORIGINS: 'https://app.example.org',
  HIDE_ACCOUNTS: 'true',
  SMS_PROVIDER: 'webhook',
  SMS_WEBHOOK_URL: 'https://sms.example.org/send',
  SMS_WEBHOOK_SECRET: randomBytes(32).toString('base64'),
}

async function start(env: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'swob-summary-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const server = await startServer({ DATA_DIR: folder, ...env })
  onTestFinished(async () => {
    await server.end('SIGTERM')
  })
  return server
}

const messagesOf = (output: string) => output.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []))

describe('in production the server says at its start', () => {
  test('what it is, where it keeps things and whom it works with, and no secret', async () => {
    const DATABASE_URL = await createDatabase(inject('postgresUrl'))
    const server = await start({
      ...production,
      DATABASE_URL,
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'a client secret',
      TRUSTED_PROXIES: '10.0.0.0/8',
    })
    await expect.poll(server.output).toContain('Serving')
    const text = messagesOf(server.output())
      .map(({ message }) => message)
      .join('\n')
    const { host, pathname, password } = new URL(DATABASE_URL)
    expect(text).toMatch(/^SMSWithoutBorders API \d+\.\d+\.\d+\S* on Node \d+\.\d+\.\d+, in production$/m)
    expect(text).toMatch(
      new RegExp(
        `^Database: ${pathname.slice(1)} at ${host}, sslmode=\\w+, Postgres 18\\S*, migrations applied: [1-9]\\d*$`,
        'm',
      ),
    )
    expect(text).toMatch(/^Platforms: gmail \(oauth2\)$/m)
    expect(text).toMatch(/^Codes: webhook; captcha: none$/m)
    expect(text).toMatch(/^Origins: https:\/\/app\.example\.org; trusted proxies: 10\.0\.0\.0\/8$/m)
    expect(text).toMatch(/^Keys: k2, k1; accounts: hidden \(HIDE_ACCOUNTS\)$/m)
    for (const hidden of [password, secret, 'a client secret', production.SMS_WEBHOOK_SECRET])
      expect(text).not.toContain(hidden)
    expect(messagesOf(server.output()).filter(({ level }) => level === 'warn')).toEqual([])
  })

  test('that no platform is set up, and which names it does not know', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swob-env-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const ENV_FILE = join(folder, 'api.env')
    await writeFile(ENV_FILE, `SMS_PROVDER=twilio\nMY_OWN=1\nPOSTGRES_PASSWORD=1\nPORT_FILE=\n`)
    const server = await start({ ...production, DATABASE_URL: await cloneDatabase(), ENV_FILE, TWILIO_ACOUNT_SID: 'x' })
    await expect.poll(server.output).toContain('Serving')
    const warnings = messagesOf(server.output()).filter(({ level }) => level === 'warn')
    expect(warnings.map(({ message }) => message)).toEqual([
      'unknown setting MY_OWN',
      'unknown setting SMS_PROVDER: did you mean SMS_PROVIDER?',
      'unknown setting TWILIO_ACOUNT_SID: did you mean TWILIO_ACCOUNT_SID?',
      'No platform has credentials, so users cannot save any.',
      'TRUSTED_PROXIES is not set. If this server is behind a proxy, limits per network are off.',
    ])
  })
})

test.each([
  ['ORIGIN', 'ORIGINS'],
  ['secret_keys', 'SECRET_KEYS'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['SECRET_KEY_FILE', 'SECRET_KEYS_FILE'],
  ['TRUSTED_PROXEIS', 'TRUSTED_PROXIES'],
])('%s in the environment is taken for %s', (name, nearest) => {
  expect(findUnknownNames([], [name, 'HOME', 'HOSTNAME', 'PORTS', 'USER', 'SHLVL', 'NODE_OPTIONS'])).toEqual([
    { name, nearest },
  ])
})

test.each([
  ['127.0.0.1', 'localhost:9000'],
  ['0.0.0.0', 'localhost:9000'],
  ['::', 'localhost:9000'],
  ['::1', '[::1]:9000'],
  ['::ffff:127.0.0.1', '[::ffff:127.0.0.1]:9000'],
  ['2001:db8::7', '[2001:db8::7]:9000'],
  ['fe80::1%eth0', '[fe80::1%25eth0]:9000'],
  ['api.example.org', 'api.example.org:9000'],
])('who listens at %s is found at %s', (host, address) => {
  expect(addressOf(host, 9000)).toBe(address)
})

test.each(['::1', '[::1]', '::'])('HOST=%s prints a URL that works', async (HOST) => {
  const server = await start({
    DATABASE_URL: await cloneDatabase(),
    SANDBOX: 'false',
    HOST,
    METRICS_PORT: '0',
    METRICS_HOST: HOST,
  })
  await expect.poll(server.output).toContain('Serving')
  const [, url = ''] = /Serving (\S+)\/v2/.exec(server.output()) ?? []
  const [, metrics = ''] = /Metrics: (\S+)/.exec(server.output()) ?? []
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await fetch(metrics)).status).toBe(200)
})
