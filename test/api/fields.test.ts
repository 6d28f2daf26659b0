import { describe, expect, test } from 'vitest'
import { type Operation, operations } from '../support/document.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({
  sandbox: true,
  services: { passwords: plainPasswords },
  env: { LOGIN_TRIES: '999999' },
})

const json = { 'Content-Type': 'application/json' }

describe('fields', () => {
  const signup = (fields: object) => {
    const ada = world.person()
    return ada.send('POST', '/v2/signup', { phone_number: ada.phoneNumber, password: ada.password, ...fields })
  }

  test.each([undefined, null, ''])('optional ones may be %o', async (empty) => {
    expect((await signup({ name: empty, captcha_token: empty, country_code: empty, scope: empty })).status).toBe(200)
  })

  test.each([undefined, null, ''])('needed ones may not be %o', async (empty) => {
    expect((await signup({ phone_number: empty })).status).toBe(400)
    expect((await signup({ password: empty })).status).toBe(400)
  })

  test.each([
    ['phone_number', 65],
    ['password', 1025],
    ['name', 257],
    ['country_code', 9],
    ['captcha_token', 8193],
  ])('%s has less than %i characters', async (name, length) => {
    const response = await world
      .person()
      .send(
        'POST',
        '/v2/signup',
        { phone_number: '1', password: '1', [name]: 'x'.repeat(length) },
        { Accept: 'application/problem+json' },
      )
    expect(response.status).toBe(400)
    expect((await response.json()).fields).toEqual([name])
  })

  test.each(['phone_number', 'password', 'name', 'country_code', 'captcha_token'])('%s is a string', async (name) => {
    for (const value of [7, true, {}, [], ['x'], { length: 3 }])
      expect((await signup({ [name]: value })).status).toBe(400)
  })

  test('a code may be a number', async () => {
    const ada = world.person()
    await ada.startSignUp()
    await ada.sendCode()
    for (const code of [-1, 1.5, 1e300, 1_000_000, true, [1]])
      expect((await ada.send('PUT', '/v2/OTP', { code })).status).toBe(400)
    expect((await ada.send('PUT', '/v2/OTP', { code: Number(ada.lastCode) })).status).toBe(200)
  })
})

test.each([
  ['no body and no type', undefined, {}],
  ['no body and a JSON type', undefined, json],
  ['an empty body', '', json],
  ['an empty object', '{}', json],
  ['unknown fields', '{"more":1}', json],
])('an operation without fields takes %s', async (_, body, headers) => {
  const ada = world.person()
  await ada.proveNumber()
  expect((await ada.send('PUT', '/v2/signup', body, headers)).status).toBe(200)
  await ada.logIn()
  expect((await ada.send('GET', `/v2/users/${ada.uid}/dashboard`, undefined, headers)).status).toBe(200)
  expect((await ada.send('POST', `/v2/users/${ada.uid}/platforms/gmail/protocols/oauth2`, body, headers)).status).toBe(
    200,
  )
  expect((await ada.send('POST', `/v2/users/${ada.uid}/logout`, body, headers)).status).toBe(200)
})

const odd: readonly unknown[] = [
  ...[
    '\0',
    '\ud800',
    '\ufeff',
    '\u202e',
    '🔑'.repeat(30),
    'x'.repeat(60_000),
    "' or 1=1 --",
    '%00',
    '{{7*7}}',
    '../../etc',
  ],
  ...['-1', '\n', '+', ' ', '+237', '٦٧', '1e9', 'null', '__proto__', '$where', 'https://evil.example/?code=1'],
  ...[0, -1, 1e308, 2 ** 53, true, [], {}, [[]], { toString: 1 }, { __proto__: null }],
]

const nameOf = ({ method, path }: Operation) => `${method} ${path}`
const withFields = operations.filter(
  (operation) => nameOf(operation) === 'PUT /OTP' || Object.keys(operation.requestBody).length > 0,
)
/** Clients send these too. */
const undocumented = ['code', 'state', 'code_verifier', 'scope', 'password']

const signedIn = await world.signedUpPerson()
const signingUp = world.person()
await signingUp.startSignUp()

test.each(withFields.map((operation) => [nameOf(operation), operation] as const))(
  '%s answers nothing that a field may hold with 5xx',
  async (_, { method, path, requestBody }) => {
    const person = path.includes('OTP') ? signingUp : signedIn
    const { cookie } = person
    const place = { user_id: person.uid, platform: 'gmail', protocol: 'oauth2', action: 'register' }
    const to = Object.entries(place).reduce((filled, [name, value]) => filled.replace(`{${name}}`, value), `/v2${path}`)
    const others = {
      phone_number: person.phoneNumber,
      password: 'not the passphrase',
      new_password: 'short',
      code: 'x',
    }
    const names = [...new Set([...Object.keys(requestBody), ...undocumented])]
    const sent = names.flatMap((name) => odd.map((value) => ({ ...others, [name]: value })))
    const statuses = await Promise.all(
      sent.map(async (body) => (await person.send(method, to, body, { Cookie: cookie })).status),
    )
    const failed = sent.filter((_, index) => (statuses[index] ?? 500) >= 500)
    expect(failed).toEqual([])
    expect(world.logged.filter((line) => line.includes('internal server error'))).toEqual([])
  },
)
