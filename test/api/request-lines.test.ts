import { expect, test } from 'vitest'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const ada = await world.signedUpPerson()

const lines = () => world.logged.map((line) => JSON.parse(line)).filter(({ message }) => message === 'request')

test.each([
  ['an operation', 'GET', `/v2/users/${ada.uid}/dashboard`, 'readDashboard', 200],
  ['the same asked for its headers only', 'HEAD', `/v2/users/${ada.uid}/dashboard`, 'readDashboard', 200],
  ["a supervisor's question", 'GET', '/healthz', 'health', 200],
  ['a logo', 'GET', '/public/gmail.svg', 'other', 200],
  ['the document', 'GET', '/v2/openapi.json', 'other', 200],
  ["a browser's question before", 'OPTIONS', '/v2/login', 'preflight', 204],
  ['a path that is not here', 'GET', `/v2/${ada.uid}`, 'unknown', 404],
  ['a method that is not here', 'PATCH', `/v2/users/${ada.uid}/dashboard`, 'unknown', 405],
] as const)('%s is one line at level debug, with its request id and without its path', async (...asked) => {
  const [, method, path, operation, status] = asked
  world.logged.length = 0
  const response = await ada.send(method, path)
  expect(lines()).toEqual([
    {
      level: 'debug',
      message: 'request',
      requestId: response.headers.get('X-Request-Id'),
      operation,
      status,
      milliseconds: expect.any(Number),
      ...(status >= 400 && { reason: expect.any(String) }),
    },
  ])
  expect(world.logged.join()).not.toContain(ada.uid)
})

test('one that is refused tells why, as the caller may read it', async () => {
  world.logged.length = 0
  await ada.send('POST', '/v2/login', { password: 'secret words' })
  await ada.revoke('gmail', 'oauth2', 'wrong words')
  expect(lines()).toEqual([
    expect.objectContaining({ status: 400, reason: 'missing or invalid fields', fields: ['phone_number'] }),
    expect.objectContaining({ status: 404, reason: 'this server does not offer this platform with this protocol' }),
  ])
  expect(world.logged.join()).not.toContain('words')
})

test('a code that limits deny is a line with the reason', async () => {
  const grace = world.person()
  await grace.startSignUp()
  await grace.sendCode()
  world.logged.length = 0
  const again = await grace.sendCode()
  expect(again.status).toBe(429)
  const denied = world.logged.map((line) => JSON.parse(line)).filter(({ message }) => message === 'code denied')
  expect(denied).toEqual([
    { level: 'debug', message: 'code denied', requestId: lines()[0]?.requestId, country: 'CM', reason: 'wait' },
  ])
})
