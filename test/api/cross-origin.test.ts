import { describe, expect, test } from 'vitest'
import { operations } from '../support/document.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const first = 'https://app.example.org'
const second = 'http://localhost:18000'
const app = 'capacitor://localhost'
const world = await openWorld({
  sandbox: true,
  env: { ORIGINS: `${app}, ${first}, ${second}` },
  services: { passwords: plainPasswords },
})

const corsHeaders = (response: Response) => [...response.headers].filter(([name]) => name.startsWith('access-control-'))
const preflight = (path: string, method: string, origin: string) =>
  world.person().send('OPTIONS', path, undefined, {
    Origin: origin,
    'Access-Control-Request-Method': method,
    'Access-Control-Request-Headers': 'content-type',
  })

const all = operations.map(({ method, path }) => [method, `/v2${path.replace(/{\w+}/g, 'x')}`] as const)
const changes = all.filter(([method]) => method !== 'GET')
const reads = all.filter(([method]) => method === 'GET')

/** Each resembles a listed origin. */
const unlisted = [
  'https://app.example.org.evil.example',
  'https://evil.example/https://app.example.org',
  'https://evilapp.example.org',
  'https://sub.app.example.org',
  'https://example.org',
  'http://app.example.org',
  'https://app.example.org:8443',
  'https://app.example.org:443',
  'https://app.example.org/',
  'https://app.example.org.',
  'https://APP.example.org',
  'HTTPS://app.example.org',
  'https://app.example.org@evil.example',
  'https://app.example.org,http://localhost:18000',
  'https://app.example.org http://localhost:18000',
  'http://localhost:1800',
  'http://localhost:180000',
  'http://localhost',
  'http://127.0.0.1:18000',
  'null',
  '*',
  'undefined',
  'file://',
  'app.example.org',
  'capacitor://localhost/',
  'CAPACITOR://localhost',
  'capacitor://localhost:80',
  'ionic://localhost',
  'capacitor://api.test',
]

describe('a listed origin', () => {
  test.each(all)('may ask for %s %s with cookies and a JSON type', async (method, path) => {
    for (const origin of [first, second, app]) {
      const { status, headers } = await preflight(path, method, origin)
      expect(status).toBe(204)
      expect(headers.get('Access-Control-Allow-Origin')).toBe(origin)
      expect(headers.get('Access-Control-Allow-Credentials')).toBe('true')
      expect(headers.get('Access-Control-Allow-Methods')?.split(',')).toContain(method)
      expect(headers.get('Access-Control-Allow-Headers')?.toLowerCase().split(',')).toContain('content-type')
      expect(Number(headers.get('Access-Control-Max-Age'))).toBeGreaterThan(0)
      expect(headers.get('Vary')).toMatch(/\bOrigin\b/)
    }
  })

  test('reads answers, errors and how long to wait', async () => {
    const ada = world.person()
    const signup = { phone_number: ada.phoneNumber, password: ada.password }
    for (const body of [signup, {}]) {
      const { headers } = await ada.send('POST', '/v2/signup', body, { Origin: first })
      expect(headers.get('Access-Control-Allow-Origin')).toBe(first)
      expect(headers.get('Access-Control-Allow-Credentials')).toBe('true')
      expect(headers.get('Access-Control-Expose-Headers')).toMatch(/Retry-After/)
      expect(headers.get('Vary')).toMatch(/\bOrigin\b/)
    }
  })
})

test.each([
  ...['traceparent', 'tracestate', 'baggage', 'b3', 'X-B3-TraceId', 'uber-trace-id', 'sentry-trace', 'newrelic'],
  ...['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority', 'x-datadog-origin', 'X-Request-Id'],
  ...['X-Cloud-Trace-Context', 'X-Amzn-Trace-Id', 'Request-Id', 'elastic-apm-traceparent', 'X-Correlation-Id'],
  ...['Authorization', 'Idempotency-Key', 'Prefer', 'Accept', 'Accept-Language', 'Content-Type'],
  ...['Cache-Control', 'If-None-Match', 'X-Requested-With'],
])('a page of a listed origin may send %s, and of no other', async (name) => {
  const preflight = (origin: string) =>
    world.person().send('OPTIONS', '/v2/login', undefined, {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': `content-type,${name.toLowerCase()}`,
    })
  const allowed = (await preflight(first)).headers.get('Access-Control-Allow-Headers')?.toLowerCase().split(',')
  expect(allowed).toContain(name.toLowerCase())
  expect(allowed).not.toContain('x-forwarded-for')
  expect(corsHeaders(await preflight('https://evil.example'))).toEqual([])
})

describe.each(unlisted)('the unlisted origin %s', (origin) => {
  test('changes nothing and is told nothing', async () => {
    for (const [method, path] of changes) {
      const response = await world.person().send(method, path, {}, { Origin: origin })
      expect([method, path, response.status]).toEqual([method, path, 403])
      expect(corsHeaders(response)).toEqual([])
      expect(response.headers.get('Vary')).toMatch(/\bOrigin\b/)
    }
  })

  test('may read what anybody may, without CORS headers', async () => {
    for (const [method, path] of reads) {
      const response = await world.person().send(method, path, undefined, { Origin: origin })
      expect(response.status).toBe(401)
      expect(corsHeaders(response)).toEqual([])
    }
  })

  test('gets nothing from a preflight', async () => {
    for (const [method, path] of all) expect(corsHeaders(await preflight(path, method, origin))).toEqual([])
  })
})

test('a request without an Origin is taken', async () => {
  const ada = await world.signedUpPerson()
  const response = await ada.send('POST', `/v2/users/${ada.uid}/logout`)
  expect(response.status).toBe(200)
  expect(corsHeaders(response)).toEqual([])
  expect(response.headers.get('Vary')).toMatch(/\bOrigin\b/)
})

test("this server's own pages may call it, also behind a proxy that ends TLS", async () => {
  for (const origin of ['http://api.test', 'https://api.test']) {
    const ada = await world.signedUpPerson()
    const response = await ada.send('POST', `/v2/users/${ada.uid}/logout`, undefined, { Origin: origin })
    expect(response.status).toBe(200)
    expect(corsHeaders(response)).toEqual([])
  }
})

test.each([
  ['a listed origin', second, second],
  ['the first of the listed origins', first, first],
  ['no origin', undefined, first],
  ['its own origin', 'http://api.test', first],
  ["an app's web view", app, first],
])('who connects a platform from %s comes back to %s', async (_, origin, back) => {
  const ada = await world.signedUpPerson()
  const path = `/v2/users/${ada.uid}/platforms/gmail/protocols/oauth2`
  const response = await ada.send('POST', path, {}, origin === undefined ? {} : { Origin: origin })
  expect(response.status).toBe(200)
  const { url } = (await response.json()) as { url: string }
  expect(new URL(url).searchParams.get('redirect_uri')).toBe(`${back}/platforms/gmail/protocols/oauth2/redirect_codes/`)
})

test('where only an app may call, people come back to it', async () => {
  const native = await openWorld({ sandbox: true, env: { ORIGINS: app }, services: { passwords: plainPasswords } })
  const ada = await native.signedUpPerson()
  for (const headers of [{ Origin: app }, {}]) {
    const response = await ada.send('POST', `/v2/users/${ada.uid}/platforms/gmail/protocols/oauth2`, {}, headers)
    const { url } = (await response.json()) as { url: string }
    expect(new URL(url).searchParams.get('redirect_uri')).toBe(
      `${app}/platforms/gmail/protocols/oauth2/redirect_codes/`,
    )
  }
})

test('a refused origin is told of in the log, cut, and once a minute whoever asks', async () => {
  const quiet = await openWorld({ env: { ORIGINS: first } })
  const lines = () => quiet.logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn')
  for (const origin of [first, 'http://api.test'])
    await quiet.person().send('POST', '/v2/login', {}, { Origin: origin })
  expect(lines()).toEqual([])
  const long = `https://${'x'.repeat(5000)}.example`
  for (const origin of [long, 'https://other.example', 'null'])
    for (const method of ['OPTIONS', 'POST', 'GET'])
      await quiet.person().send(method, '/v2/login', undefined, { Origin: origin })
  expect(lines()).toEqual([{ level: 'warn', message: expect.stringContaining('ORIGINS'), origin: long.slice(0, 200) }])
})
