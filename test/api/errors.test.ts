import postgres from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { api } from '../../src/api/app.ts'
import { UnavailableError } from '../../src/errors.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import type { Services } from '../../src/services.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ env: { LOGIN_TRIES: '1' } })
const origin = 'http://localhost:18000'
const legacyClients: Partial<Services> = { settings: { ...world.services.settings, legacyClients: true } }

type Init = { method?: string; body?: string; headers?: Record<string, string> }

async function ask(
  path: string,
  { method = 'POST', body, headers }: Init = {},
  changed: Partial<Services> = {},
): Promise<Response> {
  const standard = { 'User-Agent': 'Test/1.0', 'Content-Type': 'application/json', Origin: origin }
  const request = new Request(`http://api.test${path}`, {
    method,
    headers: { ...standard, ...headers },
    ...(body !== undefined && { body }),
  })
  return api.fetch(request, { services: { ...world.services, ...changed } })
}

const blocked = JSON.stringify({ phone_number: randomPhoneNumber(), password: 'a guess' })
await ask('/v2/login', { body: blocked })

const cases: [code: string, status: number, path: string, init: Init, more?: object][] = [
  ['bad_request', 400, '/v2/login', { body: '{' }],
  ['bad_request', 400, '/v2/login', { body: '{"phone_number":7}' }, { fields: ['phone_number', 'password'] }],
  ['bad_request', 400, '/v2/login', { body: '[]' }],
  ['unauthorized', 401, '/v2/users/somebody/dashboard', { method: 'GET' }],
  ['forbidden', 403, '/v2/login', { headers: { Origin: 'https://evil.example' } }],
  ['not_found', 404, '/v2/nowhere', { method: 'GET' }],
  ['not_found', 404, '/', { method: 'GET' }],
  ['not_found', 404, '/public/nothing.svg', { method: 'GET' }],
  ['method_not_allowed', 405, '/v2/login', { method: 'GET' }],
  ['too_large', 413, '/v2/login', { body: 'x'.repeat(65_537) }],
  ['unsupported_media_type', 415, '/v2/login', { body: '{"a":1}', headers: { 'Content-Type': 'text/plain' } }],
  ['too_many_requests', 429, '/v2/login', { body: blocked }, { retry_after_seconds: expect.any(Number) }],
]

describe.each(cases)('%s %i at %s', (...[code, status, path, init, more = {}]) => {
  const title = code.replaceAll('_', ' ')
  const asked = (accept: string, changed?: Partial<Services>) =>
    ask(path, { ...init, headers: { ...init.headers, Accept: accept } }, changed)

  test('is a JSON string', async () => {
    const response = await asked('application/json')
    expect(response.status).toBe(status)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(await response.json()).toBe(title)
  })

  test('is problem details for who asks for them', async () => {
    for (const changed of [{}, legacyClients]) {
      const response = await asked('application/json;q=0.5, application/problem+json', changed)
      expect(response.status).toBe(status)
      expect(response.headers.get('Content-Type')).toBe('application/problem+json')
      const { detail, ...problem } = await response.json()
      expect(problem).toEqual({
        type: 'about:blank',
        title,
        status,
        code,
        request_id: response.headers.get('X-Request-Id'),
        ...more,
      })
      expect(typeof detail).toBe(detail === undefined ? 'undefined' : 'string')
    }
  })

  test('is bare text with LEGACY_CLIENTS', async () => {
    const response = await asked('*/*', legacyClients)
    expect(response.status).toBe(status)
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain/)
    const text = await response.text()
    expect(text).toBe(title)
    expect(() => JSON.parse(text)).toThrow()
  })

  test('can be read by a listed origin, is not stored or sniffed, and can be found in the log', async () => {
    for (const changed of [{}, legacyClients]) {
      const { headers } = await asked('*/*', changed)
      const allowed = status === 403 ? null : origin
      expect(headers.get('Access-Control-Allow-Origin')).toBe(allowed)
      expect(headers.get('Access-Control-Allow-Credentials')).toBe(allowed && 'true')
      expect(headers.get('Access-Control-Expose-Headers') ?? '').toBe(allowed ? 'Retry-After,X-Request-Id' : '')
      expect(headers.get('Vary')).toMatch(/Origin/)
      expect(headers.get('Vary')).toMatch(/Accept/)
      expect(headers.get('Cache-Control')).toBe('no-store')
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('X-Request-Id')).toMatch(/^[\w-]+$/)
      expect(Number(headers.get('Retry-After')) > 0).toBe(status === 429)
      expect(headers.has('Allow')).toBe(status === 405)
    }
  })
})

describe('failures', () => {
  const signup = () => ({
    body: JSON.stringify({ phone_number: randomPhoneNumber(), password: 'a passphrase of my own' }),
  })
  const fails = (error: unknown): Partial<Services> => ({
    passwords: { ...world.services.passwords, hash: () => Promise.reject(error) },
  })

  test('a defect is answered 500 and says nothing of itself', async () => {
    const defect = new Error('column secret_thing of relation users')
    for (const [accept, changed] of [
      ['*/*', {}],
      ['*/*', legacyClients],
      ['application/problem+json', {}],
    ] as const) {
      const response = await ask(
        '/v2/signup',
        { ...signup(), headers: { Accept: accept } },
        { ...changed, ...fails(defect) },
      )
      expect(response.status).toBe(500)
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe(origin)
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      const text = await response.text()
      expect(text).toContain('internal server error')
      expect(text).not.toMatch(/secret_thing|Error:|\.ts|stack/)
      const line = world.logged.findLast((one) => JSON.parse(one).level === 'error')
      expect(line).toContain('secret_thing')
      expect(line).toContain(response.headers.get('X-Request-Id'))
    }
  })

  test('what is unavailable is answered 503, with the time after which to try again', async () => {
    const outage = new UnavailableError('the hasher', {
      cause: new Error('connect ECONNREFUSED 10.1.2.3'),
      retryAfterSeconds: 7,
    })
    const response = await ask(
      '/v2/signup',
      { ...signup(), headers: { Accept: 'application/problem+json' } },
      fails(outage),
    )
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('7')
    const problem = await response.json()
    expect(problem).toMatchObject({ code: 'unavailable', retry_after_seconds: 7 })
    expect(JSON.stringify(problem)).not.toMatch(/ECONNREFUSED|10\.1\.2\.3|hasher/)
  })

  test('without its database the server answers 503', async () => {
    // Nothing listens at port 1.
    const db = openDatabase(postgres('postgres://127.0.0.1:1/none', { max: 1, connect_timeout: 1, idle_timeout: 1 }))
    const cookie = { Cookie: `SWOB=${'a'.repeat(43)}` }
    const answers = await Promise.all([
      ask('/v2/login', { body: blocked }, { db }),
      ask('/v2/signup', signup(), { db }),
      ask('/v2/users/somebody/dashboard', { method: 'GET', headers: cookie }, { db }),
      ask('/v2/OTP', { method: 'PUT', headers: cookie, body: '{"code":"123456"}' }, { db }),
    ])
    for (const response of answers) {
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
      expect(await response.json()).toBe('unavailable')
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe(origin)
    }
  })

  test.each([
    ...['53100', '53200', '53300', '53000', '58030', '57014', '57P01', '57P03', '57P05', '25006', '25P03', '25P04'],
    ...['55P03', '08006', '08P01', '28P01', '3D000'],
  ])('a database that refuses with %s, which is no fault of the statement, is answered 503', async (code) => {
    await refuseSignups(code)
    const response = await ask('/v2/signup', signup())
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '2'])
    expect(world.logged.findLast((line) => !line.includes('"level":"debug"'))).toContain('the database is unavailable')
  })

  test.each(['42703', '23514', '22001', '40P01', 'XX000'])(
    'a statement that fails with %s is a defect',
    async (code) => {
      await refuseSignups(code)
      expect((await ask('/v2/signup', signup())).status).toBe(500)
    },
  )

  async function refuseSignups(code: string): Promise<void> {
    await world.sql.unsafe(`
      create or replace function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'refused' using errcode = tg_argv[0]; end $$;
      create or replace trigger refuse before insert on signups for each row execute function refuse('${code}')`)
    onTestFinished(async () => {
      await world.sql`drop trigger refuse on signups`
    })
  }
})
