import { request } from 'node:http'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import { limitHashing } from '../../src/limits/limit-hashing.ts'
import { withDatabaseBudget } from '../../src/postgres/client/deadline.ts'
import { listenForMetrics } from '../../src/server/http/metrics-listener.ts'
import { observePasswords } from '../../src/telemetry/observe-services.ts'
import { connectTelegram, googlePaths } from '../vault/wallet-world.ts'
import { openMetricsOf, openWatchedWorld } from './watched-world.ts'

const world = await openWatchedWorld({ sandbox: true, env: { DATABASE_POOL: '2' } })
const { services } = world
const { google } = world.sandbox

test('requests are counted by operation and status, and every path that is not here is one', async () => {
  const ada = await world.signedUpPerson()
  await ada.logIn('wrong')
  for (const path of [`/v2/${ada.uid}`, `/v2/${ada.phoneNumber}`, '/elsewhere']) await ada.send('GET', path)
  const { byLabels } = await world.samples()
  expect(byLabels('swob_http_requests_total')).toMatchObject({
    'startSignup,200': 1,
    'sendCode,201': 1,
    'checkCode,200': 1,
    'finishSignup,200': 1,
    'logIn,200': 1,
    'logIn,401': 1,
    'unknown,404': 3,
  })
  expect(byLabels('swob_http_request_duration_seconds_count')).toMatchObject({ logIn: 2, unknown: 3 })
  expect(byLabels('swob_password_hash_duration_seconds_count')).toEqual({ '': 3 })
})

test('codes are counted by country, and by the reason for which limits denied them', async () => {
  const ada = world.person()
  await ada.startSignUp()
  const before = await world.samples()
  await ada.sendCode()
  await ada.sendCode()
  const other = world.person({ phoneNumber: '+14155552671' })
  await other.startSignUp()
  world.phone.failure = new UnavailableError('the SMS provider')
  await other.sendCode()
  world.phone.failure = new RefusedError('bad_request', 'this number takes no messages')
  await other.sendCode()
  world.phone.failure = undefined
  const { byLabels } = await world.samples()
  expect(byLabels('swob_sms_total')).toEqual({
    'phone,sent,CM': (before.byLabels('swob_sms_total')['phone,sent,CM'] ?? 0) + 1,
    'phone,unavailable,US': 1,
    'phone,refused,US': 1,
  })
  expect(byLabels('swob_sms_denied_total')).toEqual({ 'CM,wait': 1 })
})

test('calls to platforms are counted by how they ended', async () => {
  const ada = await world.signedUpPerson()
  const { code, state } = await ada.consentAtGoogle()
  google.failNext(googlePaths.token, { status: 503 })
  await ada.finish('gmail', 'oauth2', { code, state })
  await ada.finish('gmail', 'oauth2', { code, state })
  await ada.revoke('gmail', 'oauth2')
  await world.runJobs()
  await connectTelegram(ada)
  await ada.start('telegram', 'twofactor', { phone_number: '+12025550101' })
  await ada.start('gmail', 'oauth2')
  await ada.finish('gmail', 'oauth2', { code: 'a code of nobody' })
  const { byLabels } = await world.samples()
  expect(byLabels('swob_platform_calls_total')).toEqual({
    'gmail,start,done': 2,
    'gmail,finish,unavailable': 1,
    'gmail,finish,done': 1,
    'gmail,finish,refused': 1,
    'gmail,revoke,done': 1,
    'telegram,start,done': 1,
    'telegram,finish,done': 1,
    'telegram,isLive,done': 1,
  })
  expect(byLabels('swob_platform_call_duration_seconds_count')['gmail,finish']).toBe(3)
  expect(byLabels('swob_jobs_total')).toEqual({ 'revocation,done': 1 })
})

test('the password queue shows who waits, who is hashed, and who was refused', async () => {
  const { observer } = services
  const { promise: hashed, resolve: goOn } = Promise.withResolvers<string>()
  const slow = observePasswords({ hash: () => hashed, verify: async () => true }, observer, 'hash')
  const passwords = observePasswords(limitHashing(slow, { running: 2, waiting: 3 }), observer, 'password')
  const asked = Array.from({ length: 6 }, () => passwords.hash('a').catch((error: unknown) => error))
  const during = await world.samples()
  expect(during.value('swob_password_hashes_running')).toBe(2)
  expect(during.value('swob_password_hashes_waiting')).toBe(3)
  expect(during.value('swob_password_hashes_refused_total')).toBe(1)
  goOn('hash')
  await Promise.all(asked)
  const after = await world.samples()
  expect([after.value('swob_password_hashes_running'), after.value('swob_password_hashes_waiting')]).toEqual([0, 0])
})

test('the pool shows its connections, and statements how they ended', async () => {
  const { db } = services
  const before = (await world.samples()).byLabels('swob_database_statements_total')
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const holders = [1, 2].map(() =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      await held
    }),
  )
  await expect.poll(async () => (await world.samples()).value('swob_database_pool_in_use')).toBe(8)
  const others = Array.from({ length: 7 }, () => db.execute(sql`select 1`).then((rows) => rows.length))
  const during = await world.samples()
  expect(during.value('swob_database_pool_max')).toBe(8)
  expect(during.value('swob_database_pool_in_use')).toBe(8)
  expect(during.value('swob_database_pool_waiting')).toBe(7)
  // It has a connection of its own.
  expect(during.value('swob_database_up')).toBe(1)
  letGo()
  await Promise.all([...holders, ...others])
  await expect(db.execute(sql`select from nowhere`)).rejects.toThrow()
  await expect(withDatabaseBudget(100, () => db.execute(sql`select pg_sleep(10)`).execute())).rejects.toThrow()
  const { byLabels } = await world.samples()
  expect(byLabels('swob_database_statements_total')).toEqual({
    done: (before.done ?? 0) + 9,
    failed: (before.failed ?? 0) + 1,
    late: (before.late ?? 0) + 1,
  })
})

describe('its address', () => {
  test.each([
    ['GET', '/metrics', 200],
    ['GET', '/metrics?name=swob_sms_total', 200],
    ['HEAD', '/metrics', 405],
    ['POST', '/metrics', 405],
    ['GET', '/', 404],
    ['GET', '/v2/openapi.json', 404],
    ['GET', '/metrics/', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    const response = await fetch(`${world.url}${path}`, { method })
    expect(response.status).toBe(status)
    if (status === 200) expect(response.headers.get('Content-Type')).toMatch(/^text\/plain; version=0\.0\.4/)
    await response.arrayBuffer()
  })

  test('is told by its setting when another program has it', async () => {
    const { hostname, port } = new URL(world.url)
    const metrics = openMetricsOf(world.databaseUrl)
    await expect(listenForMetrics(metrics, { host: hostname, port: Number(port) })).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${port} (METRICS_PORT)`,
    )
  })

  test('takes a request target that is no path', async () => {
    const status = new Promise((resolve, reject) => {
      const asked = request(world.url, { path: '*', method: 'OPTIONS' }, (response) => resolve(response.statusCode))
      asked.on('error', reject).end()
    })
    expect(await status).toBe(404)
  })
})

test('says what runs', async () => {
  const text = await world.scrape()
  expect(text).toContain('swob_build_info{version="1.2.3"} 1')
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
    expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, 'm'))
})
