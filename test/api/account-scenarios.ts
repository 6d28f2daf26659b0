import type { Person } from '../support/person.ts'
import type { World } from '../support/world.ts'
import { type Action, type Scenarios, signIn, someone, stranger } from './scenario.ts'

const wrong = 'not the passphrase'
const fresh = 'another passphrase'

/** Through the operations on accounts and codes. The world has LOGIN_TRIES=3. */
export function accountScenarios(world: World): Scenarios {
  const start: Action = (person) => person.startSignUp()
  const send: Action = (person) => person.sendCode()
  const enter: Action = (person) => person.enterCode()
  const recover: Action = (person) => person.startRecovery()
  const guessThrice = (guess: (person: Person) => Promise<Response>) => async (person: Person) => {
    for (const _ of [1, 2, 3]) await guess(person)
    return guess(person)
  }

  return {
    'POST /signup': {
      arrive: someone(world),
      open: true,
      body: ({ phoneNumber, password }) => ({
        phone_number: phoneNumber,
        name: '',
        country_code: '237',
        password,
        captcha_token: '',
      }),
      refusals: [
        [
          400,
          'a missing password',
          (person) => person.send('POST', '/v2/signup', { phone_number: person.phoneNumber }),
        ],
        [409, 'a number with an account', (person) => person.signUp().then(() => person.startSignUp())],
      ],
    },
    'PUT /signup': {
      arrive: someone(world, start, send, enter),
      refusals: [
        [403, 'an unproved number', async () => (await someone(world, start, send)()).finishSignUp()],
        [
          409,
          'an account made meanwhile',
          (person) =>
            person
              .letWaitsPass()
              .then(() => person.elsewhere().signUp())
              .then(() => person.finishSignUp()),
        ],
      ],
    },
    'POST /login': {
      arrive: someone(world, signIn),
      open: true,
      body: ({ phoneNumber, password }) => ({ phone_number: phoneNumber, password, captcha_token: '' }),
      refusals: [
        [400, 'a missing password', (person) => person.send('POST', '/v2/login', { phone_number: person.phoneNumber })],
        [401, 'a wrong password', (person) => person.logIn(wrong)],
        [401, 'an unknown number', () => stranger(world).logIn()],
        [429, 'too many wrong passwords', guessThrice((person) => person.logIn(wrong))],
      ],
    },
    'POST /users/{user_id}/verify': {
      arrive: someone(world, signIn),
      open: true,
      body: ({ password }) => ({ password }),
      refusals: [
        [400, 'a missing password', ({ uid }) => stranger(world).send('POST', `/v2/users/${uid}/verify`, {})],
        [
          401,
          'a wrong password',
          ({ uid }) => stranger(world).send('POST', `/v2/users/${uid}/verify`, { password: wrong }),
        ],
        [
          429,
          'too many',
          guessThrice(({ uid }) => stranger(world).send('POST', `/v2/users/${uid}/verify`, { password: wrong })),
        ],
      ],
    },
    'POST /users/{user_id}/logout': { arrive: someone(world, signIn) },
    'GET /users/{user_id}/dashboard': { arrive: someone(world, signIn) },
    'POST /users/{user_id}/password': {
      arrive: someone(world, signIn),
      body: ({ password }) => ({ password, new_password: fresh }),
      refusals: [
        [400, 'a common password', (person) => person.changePassword('password123')],
        [403, 'a wrong password', (person) => person.changePassword(fresh, wrong)],
        [429, 'too many wrong passwords', guessThrice((person) => person.changePassword(fresh, wrong))],
      ],
    },
    'POST /recovery': {
      arrive: someone(world, signIn),
      open: true,
      body: ({ phoneNumber }) => ({ phone_number: phoneNumber }),
      refusals: [
        [400, 'a missing number', (person) => person.send('POST', '/v2/recovery', {})],
        [401, 'an unknown number', () => stranger(world).startRecovery()],
      ],
    },
    'PUT /users/{user_id}/recovery': {
      arrive: someone(world, signIn, recover, send, enter),
      body: () => ({ new_password: fresh }),
      refusals: [
        [400, 'a common password', (person) => person.finishRecovery('password123')],
        [401, 'a user of another uid', (person) => person.finishRecovery(fresh, crypto.randomUUID())],
        [403, 'an unproved number', async () => (await someone(world, signIn, recover)()).finishRecovery(fresh)],
      ],
    },
    'DELETE /users/{user_id}': {
      arrive: someone(world, signIn),
      body: ({ password }) => ({ password }),
      refusals: [
        [400, 'a missing password', (person) => person.send('DELETE', `/v2/users/${person.uid}`, {})],
        [403, 'a wrong password', (person) => person.deleteAccount(wrong)],
        [429, 'too many wrong passwords', guessThrice((person) => person.deleteAccount(wrong))],
      ],
    },
    'POST /users/{user_id}/OTP': {
      arrive: someone(world, start),
      body: ({ phoneNumber }) => ({ phone_number: phoneNumber }),
      refusals: [
        [400, 'a missing number', (person) => person.send('POST', `/v2/users/${person.uid}/OTP`, {})],
        [
          401,
          'the number of somebody else',
          (person) => person.send('POST', `/v2/users/${person.uid}/OTP`, { phone_number: stranger(world).phoneNumber }),
        ],
        [429, 'a second code at once', (person) => person.sendCode().then(() => person.sendCode())],
      ],
    },
    'PUT /OTP': {
      arrive: someone(world, start, send),
      // The document names no field here; its clients send this one.
      body: (person) => ({ code: person.lastCode }),
      refusals: [
        [400, 'a missing code', (person) => person.send('PUT', '/v2/OTP', {})],
        [403, 'a wrong code', (person) => person.enterCode(person.lastCode === '000000' ? '111111' : '000000')],
      ],
    },
  }
}
