import type { Person } from '../support/person.ts'
import type { World } from '../support/world.ts'
import { type Action, type Scenarios, signIn, someone } from './scenario.ts'

const wallet = '/users/{user_id}/platforms/{platform}/protocols/{protocol}'
const gmail = ({ uid }: Person) => `/v2/users/${uid}/platforms/gmail/protocols/oauth2`
const pigeon = ({ uid }: Person) => `/v2/users/${uid}/platforms/pigeon/protocols/oauth2`

/** Through the operations on platforms. The world has the sandbox. */
export function walletScenarios(world: World): Scenarios {
  const forget: Action = () => world.sql`delete from grants`
  const startGmail: Action = (person) => person.start('gmail', 'oauth2')
  // One Google account belongs to one person.
  const connect: Action = (person) => forget(person).then(() => person.connectGmail())

  return {
    'GET /users/{user_id}/platforms': { arrive: someone(world, signIn, connect) },
    [`POST ${wallet}`]: {
      arrive: someone(world, signIn),
      body: ({ phoneNumber }) => ({ phone_number: phoneNumber }),
      refusals: [
        [400, 'no phone number', (person) => person.send('POST', gmail(person), { phone_number: 'call me' })],
        [404, 'an unknown platform', (person) => person.send('POST', pigeon(person), {})],
      ],
    },
    [`PUT ${wallet}`]: {
      arrive: someone(world, signIn, startGmail, forget),
      body: async (person) => ({
        code: (await person.consentAtGoogle()).code,
        oauth_token: '',
        oauth_verifier: '',
        phone_number: '',
      }),
      refusals: [
        [400, 'a missing code', (person) => person.send('PUT', gmail(person), {})],
        [403, 'a wrong code', (person) => person.send('PUT', gmail(person), { code: 'a guess' })],
        [404, 'an unknown platform', (person) => person.send('PUT', pigeon(person), { code: 'a guess' })],
        [409, 'a saved account', (person) => connect(person).then(() => person.connectGmail())],
      ],
    },
    [`DELETE ${wallet}`]: {
      arrive: someone(world, signIn, connect),
      body: ({ password }) => ({ password }),
      refusals: [
        [400, 'a missing password', (person) => person.send('DELETE', gmail(person), {})],
        [403, 'a wrong password', (person) => person.revoke('gmail', 'oauth2', 'not the passphrase')],
        [404, 'an unknown platform', (person) => person.revoke('pigeon', 'oauth2')],
        [
          404,
          'nothing saved',
          (person) => person.revoke('gmail', 'oauth2').then(() => person.revoke('gmail', 'oauth2')),
        ],
      ],
    },
    [`PUT ${wallet}/{action}`]: {
      arrive: someone(world, signIn),
      neverSucceeds: true,
      body: ({ phoneNumber }) => ({ first_name: 'Ada', last_name: 'Lovelace', phone_number: phoneNumber }),
      refusals: [
        [400, 'a mistyped field', (person) => person.send('PUT', `${gmail(person)}/register`, { first_name: 1 })],
        [404, 'no such step', (person) => person.step('gmail', 'oauth2', 'register', { first_name: 'Ada' })],
      ],
    },
  }
}
