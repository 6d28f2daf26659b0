import { describe, expect, test } from 'vitest'
import { api } from '../../src/api/app.ts'
import type { Services } from '../../src/services.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const ada = await world.signedUpPerson()

type Case = readonly [
  status: number,
  what: string,
  method: string,
  path: string,
  init?: { body?: string; headers?: Record<string, string> },
]

const broken: Partial<Services> = {
  passwords: {
    hash: () => Promise.reject(new Error('a defect')),
    verify: () => Promise.reject(new Error('a defect')),
  },
}
const login = JSON.stringify({ phone_number: ada.phoneNumber, password: ada.password })

const cases: readonly Case[] = [
  [200, 'success', 'POST', '/v2/login', { body: login }],
  [204, 'a question for methods', 'OPTIONS', '/v2/login'],
  [
    204,
    'a preflight',
    'OPTIONS',
    '/v2/login',
    { headers: { Origin: 'http://localhost:18000', 'Access-Control-Request-Method': 'POST' } },
  ],
  [400, 'malformed JSON', 'POST', '/v2/login', { body: '{' }],
  [401, 'no session', 'GET', '/v2/users/x/dashboard'],
  [401, 'no session, HEAD', 'HEAD', '/v2/users/x/dashboard'],
  [403, 'an unlisted origin', 'POST', '/v2/login', { headers: { Origin: 'https://evil.example' } }],
  [404, 'an unknown operation', 'GET', '/v2/nowhere'],
  [404, 'an unknown path', 'GET', '/'],
  [404, 'no such logo', 'GET', '/public/nothing.svg'],
  [404, 'no such page', 'GET', '/v2/docs/nothing.js'],
  [405, 'another method', 'DELETE', '/v2/login'],
  [413, 'too large', 'POST', '/v2/login', { body: 'x'.repeat(65_537) }],
  [415, 'no JSON', 'POST', '/v2/login', { body: login, headers: { 'Content-Type': 'text/plain' } }],
  [500, 'a defect', 'POST', '/v2/login', { body: login }],
]

async function ask(
  [status, , method, path, { body, headers } = {}]: Case,
  changed: Partial<Services> = {},
): Promise<Response> {
  const request = new Request(`http://api.test${path}`, {
    method,
    headers: { 'User-Agent': 'Test/1.0', 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  })
  return api.fetch(request, { services: { ...world.services, ...(status === 500 && broken), ...changed } })
}

describe.each(cases.map((given) => [`${given[0]} for ${given[1]}`, given] as const))('%s', (_, given) => {
  test('is not stored, sniffed, framed, embedded or told of in a Referer', async () => {
    for (const legacyClients of [false, true]) {
      const { status, headers } = await ask(given, { settings: { ...world.services.settings, legacyClients } })
      expect(status).toBe(given[0])
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('geolocation=()'),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
      expect(headers.has('X-Powered-By') || headers.has('Server')).toBe(false)
    }
  })

  test('holds browsers to https for a year where cookies are Secure, and nowhere else', async () => {
    for (const secureCookies of [false, true]) {
      const { headers } = await ask(given, { settings: { ...world.services.settings, secureCookies } })
      expect(headers.get('Strict-Transport-Security')).toBe(
        secureCookies ? 'max-age=31536000; includeSubDomains' : null,
      )
    }
  })
})

test.each([
  ['/v2/openapi.json', 'public, max-age=300', 'same-origin'],
  ['/public/gmail.svg', 'public, max-age=86400', 'cross-origin'],
])('%s is the same for all and may be kept', async (path, cacheControl, resourcePolicy) => {
  const { headers } = await ask([200, '', 'GET', path])
  expect(headers.get('Cache-Control')).toBe(cacheControl)
  expect(headers.get('Cross-Origin-Resource-Policy')).toBe(resourcePolicy)
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(headers.get('Set-Cookie')).toBeNull()
})
