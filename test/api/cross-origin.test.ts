import { describe, expect, test } from 'vitest'
import { operations } from '../support/document.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const first = 'https://app.example.org'
const second = 'http://localhost:18000'
const world = await openWorld({
  sandbox: true,
  env: { ORIGINS: `${first}, ${second}` },
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
]

describe('a listed origin', () => {
  test.each(all)('may ask for %s %s with cookies and a JSON type', async (method, path) => {
    for (const origin of [first, second]) {
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
])('who connects a platform from %s comes back to %s', async (_, origin, back) => {
  const ada = await world.signedUpPerson()
  const path = `/v2/users/${ada.uid}/platforms/gmail/protocols/oauth2`
  const response = await ada.send('POST', path, {}, origin === undefined ? {} : { Origin: origin })
  expect(response.status).toBe(200)
  const { url } = (await response.json()) as { url: string }
  expect(new URL(url).searchParams.get('redirect_uri')).toBe(`${back}/platforms/gmail/protocols/oauth2/redirect_codes/`)
})
