import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import { expect, expectTypeOf, test } from 'vitest'
import { type ApiError, type Client, cookieJar, createClient } from '../../client/src/index.ts'
import type { ApiEnv } from '../../src/api/api-env.ts'
import { respondToError } from '../../src/api/respond-to-error.ts'
import { type Refusal, RefusedError, UnavailableError } from '../../src/errors.ts'
import { openWorld } from '../support/world.ts'
import { scriptedServer } from './scripted-server.ts'

const { services } = await openWorld()

type Answers = Awaited<ReturnType<Client['logOut']['response']>>
type CodeOf<Refused extends Answers> = Awaited<ReturnType<Refused['json']>> extends { code: infer Code } ? Code : never
type Codes = { [Status in Exclude<Answers['status'], 200>]: CodeOf<Extract<Answers, { status: Status }>> }

/** As the client's types have them: another pair wouldn't compile, and neither would a missing one. */
const codes: Codes = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  429: 'too_many_requests',
  500: 'internal_server_error',
  503: 'unavailable',
}

const throwing = (code: Codes[keyof Codes]): Error => {
  if (code === 'internal_server_error') return new Error('a defect')
  return code === 'unavailable' ? new UnavailableError('the database') : new RefusedError(code, 'no')
}

test('the client knows every reason that the server has', () => {
  // A path that doesn't take a method is one that the client hasn't got.
  type Reasons = Exclude<Refusal, 'method_not_allowed'> | 'internal_server_error' | 'unavailable'
  expectTypeOf<ApiError['code']>().toEqualTypeOf<Reasons | 'unexpected'>()
  expectTypeOf<Codes[keyof Codes]>().toEqualTypeOf<Reasons>()
})

test.each(Object.entries(codes))('the server answers %s for %s', async (status, code) => {
  const server = new Hono<ApiEnv>().use(requestId()).get('/v2/users/*', () => Promise.reject(throwing(code)))
  server.onError(respondToError)
  const api = createClient({
    baseUrl: 'http://api.test/v2',
    fetch: async (url, init) => server.request(url, init, { services }),
  })
  await expect(api.readDashboard({ user_id: 'ada' })).rejects.toMatchObject({ status: Number(status), code })
})

test.each([
  ['a proxy that has no server', { status: 502, body: '<html>Bad Gateway</html>' }],
  ['a captive portal', { status: 200, body: '<html>Sign in to the network</html>' }],
  ['a server that knows no problem details', { status: 404, body: '"not found"' }],
  ['nobody in particular', { status: 500, body: '' }],
])('an answer of %s is an error too', async (_, answer) => {
  const { baseUrl } = await scriptedServer({ ...answer, headers: { 'Retry-After': '7', 'X-Request-Id': 'abc' } })
  await expect(createClient({ baseUrl }).readDashboard({ user_id: 'ada' })).rejects.toMatchObject({
    name: 'ApiError',
    status: answer.status,
    code: 'unexpected',
    message: `unexpected answer ${answer.status}`,
    fields: [],
    retryAfterSeconds: 7,
    requestId: 'abc',
  })
})

test('a lost connection is an error of fetch', async () => {
  const { baseUrl } = await scriptedServer('lost')
  await expect(createClient({ baseUrl }).readDashboard({ user_id: 'ada' })).rejects.toBeInstanceOf(TypeError)
})

test("a jar's cookies do not follow a redirection", async () => {
  const elsewhere = await scriptedServer({ status: 200 })
  const { baseUrl } = await scriptedServer({ status: 307, headers: { Location: elsewhere.baseUrl } })
  const api = createClient({ baseUrl, cookies: cookieJar() })
  await expect(api.readDashboard({ user_id: 'ada' })).rejects.toMatchObject({ status: 307, code: 'unexpected' })
  expect(elsewhere.received).toEqual([])
})
