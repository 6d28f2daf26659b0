import { expect, test } from 'vitest'
import { operations } from '../support/document.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()
const person = world.person()

const paths = [...new Set(operations.map(({ path }) => path))]
const methodsOf = (path: string) =>
  operations.filter((operation) => operation.path === path).map(({ method }) => method)
const filled = (path: string) => `/v2${path.replace(/{\w+}/g, 'x')}`
const sorted = (allow: string | null) => (allow ?? '').split(', ').sort()

test.each(paths)('%s takes its own methods and says which those are', async (path) => {
  const own = methodsOf(path)
  const allowed = [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'QUERY']) {
    if (allowed.includes(method)) continue
    const response = await person.send(method, filled(path))
    expect([method, response.status]).toEqual([method, 405])
    expect(sorted(response.headers.get('Allow'))).toEqual(allowed)
    if (method !== 'HEAD') expect(await response.json()).toBe('method not allowed')
  }
})

test.each(paths)('%s answers OPTIONS', async (path) => {
  const response = await person.send('OPTIONS', filled(path))
  expect(response.status).toBe(204)
  expect(sorted(response.headers.get('Allow'))).toEqual(expect.arrayContaining([...methodsOf(path), 'OPTIONS']))
})

test('HEAD is GET without a body', async () => {
  const response = await person.send('HEAD', '/public/gmail.svg')
  expect(response.status).toBe(200)
  expect(response.headers.get('Content-Type')).toBe('image/svg+xml')
  expect(await response.text()).toBe('')
  expect((await person.send('HEAD', '/v2/users/x/dashboard')).status).toBe(401)
  expect((await person.send('HEAD', '/v2/nowhere')).status).toBe(404)
})

test.each([
  '/',
  '/v2',
  '/v2/',
  '/v1/login',
  '/V2/login',
  '/v2/login/',
  '/v2//login',
  '/v2/Login',
  '/v2/otp',
  '/v2/users',
  '/v2/users//dashboard',
  '/public',
  '/public/',
  '/v2/public/gmail.svg',
  '/favicon.ico',
  '/v2/%6cogin2',
])('the path %s is unknown to every method', async (path) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH']) {
    const response = await person.send(method, path)
    expect([method, response.status]).toEqual([method, 404])
  }
})

const odd = [
  '%',
  '%zz',
  '%ff',
  '%00',
  '%0d%0aX-A:%20b',
  '%E0%A4%A',
  '%ED%A0%80',
  '%2F',
  '%252F',
  '%5c',
  '..%2f..',
  '__proto__',
  'constructor',
  ':user_id',
  '*',
  '{user_id}',
  '🔑',
  '\u202e',
  'x'.repeat(100_000),
]

test.each(odd.map((part) => [part.slice(0, 20), part]))(
  '%s in a path is refused like any other unknown name',
  async (_, part) => {
    const signedIn = await signedInPerson
    const { uid } = signedIn
    const answers = [
      await signedIn.send('GET', `/v2/users/${part}/dashboard`),
      await signedIn.send('GET', `/v2/users/${part}/platforms`),
      await signedIn.send('POST', `/v2/users/${part}/logout`),
      await signedIn.send('POST', `/v2/users/${part}/OTP`),
      await signedIn.send('POST', `/v2/users/${part}/verify`, { password: 'a guess at it' }),
      await signedIn.send('POST', `/v2/users/${uid}/platforms/${part}/protocols/oauth2`),
      await signedIn.send('PUT', `/v2/users/${uid}/platforms/gmail/protocols/${part}`, { code: '1' }),
      await signedIn.send('PUT', `/v2/users/${uid}/platforms/gmail/protocols/oauth2/${part}`, {}),
      await signedIn.send('GET', `/public/${part}`),
      await signedIn.send('GET', `/public/${part}.svg`),
      await signedIn.send('GET', `/${part}`),
    ]
    const statuses = answers.map(({ status }) => status)
    expect(statuses.every((status) => status === 401 || status === 404)).toBe(true)
    expect((await signedIn.dashboard()).status).toBe(200)
  },
)

const signedInPerson = world.signedUpPerson()

test('a query changes nothing', async () => {
  const signedIn = await signedInPerson
  expect((await signedIn.send('GET', `/v2/users/${signedIn.uid}/dashboard?%00=%zz&user_id=x`)).status).toBe(200)
})

test('the uid in a path may be written in capitals', async () => {
  const signedIn = await signedInPerson
  expect((await signedIn.send('GET', `/v2/users/${signedIn.uid.toUpperCase()}/dashboard`)).status).toBe(200)
})

test.each([
  '',
  '%',
  'SWOB',
  'SWOB=',
  'SWOB=%',
  'SWOB=%ff',
  'theme=100%',
  '=;=;',
  ';;;',
  'SWOB="',
  `SWOB=${'x'.repeat(10_000)}`,
  '\u00ff=\u00fe',
])('the Cookie header "%s" is no session', async (cookie) => {
  expect((await person.send('GET', '/v2/users/x/dashboard', undefined, { Cookie: cookie })).status).toBe(401)
})

test.each(['theme=100%; ', 'a=b;', 'SWOBBLE=1; x; ', ' ', '=; ', 'é=ü; '])(
  'beside "%s" the session cookie counts',
  async (foreign) => {
    const signedIn = await signedInPerson
    const cookie = `${foreign}${signedIn.cookie}; Max-Age=7200; Path=/; HttpOnly`
    expect(
      (await signedIn.send('GET', `/v2/users/${signedIn.uid}/dashboard`, undefined, { Cookie: cookie })).status,
    ).toBe(200)
  },
)
