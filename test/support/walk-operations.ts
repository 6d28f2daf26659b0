import { telegramCode, telegramPassword } from '../../src/sandbox/telegram/well-known-accounts.ts'
import type { Person } from './person.ts'

type Action = () => Promise<{ readonly status: number }>
/** Sees a step done. Several steps may be one operation's. */
export type Look = (operation: string, action: Action) => Promise<unknown>

const wallet = '/users/{user_id}/platforms/{platform}/protocols/{protocol}'
/** At the sandbox's Telegram: one with a two-step password, and one without an account. */
const [twoStep, unregistered] = ['+12025550102', '+12025550177']

/** One person's way through all 17 operations, each of which succeeds. The server has the sandbox's platforms. */
export async function walkOperations(person: Person, look: Look): Promise<void> {
  const step = (operation: string, action: Action) =>
    look(operation, async () => {
      const done = await action()
      if (done.status >= 300) throw new Error(`${operation} was answered ${done.status}`)
      return done
    })
  const phone = (phone_number: string) => ({ phone_number, code: telegramCode })

  await step('POST /signup', () => person.startSignUp())
  await step('POST /users/{user_id}/OTP', () => person.sendCode())
  await step('PUT /OTP', () => person.enterCode())
  await step('PUT /signup', () => person.finishSignUp())
  await step('POST /login', () => person.logIn())
  await step('GET /users/{user_id}/dashboard', () => person.dashboard())
  await step(`POST ${wallet}`, () => person.start('gmail', 'oauth2'))
  const reply = await person.consentAtGoogle()
  await step(`PUT ${wallet}`, () => person.finish('gmail', 'oauth2', reply))
  await step('GET /users/{user_id}/platforms', () => person.send('GET', `/v2/users/${person.uid}/platforms`))
  await step(`DELETE ${wallet}`, () => person.revoke('gmail', 'oauth2'))

  await step(`POST ${wallet}`, () => person.start('telegram', 'twofactor', { phone_number: twoStep }))
  await step(`PUT ${wallet}`, () => person.finish('telegram', 'twofactor', phone(twoStep)))
  const password = { password: telegramPassword }
  await step(`PUT ${wallet}/{action}`, () => person.step('telegram', 'twofactor', 'password', password))
  await step(`POST ${wallet}`, () => person.start('telegram', 'twofactor', { phone_number: twoStep }))
  await step(`DELETE ${wallet}`, () => person.revoke('telegram', 'twofactor'))
  await step(`POST ${wallet}`, () => person.start('telegram', 'twofactor', { phone_number: unregistered }))
  await step(`PUT ${wallet}`, () => person.finish('telegram', 'twofactor', phone(unregistered)))
  const name = { phone_number: unregistered, first_name: 'Ada', last_name: 'Lovelace' }
  await step(`PUT ${wallet}/{action}`, () => person.step('telegram', 'twofactor', 'register', name))

  await step('POST /users/{user_id}/logout', () => person.logOut())
  await step('POST /users/{user_id}/verify', () => person.verify())
  const changed = 'another passphrase of my own'
  await step('POST /users/{user_id}/password', () => person.changePassword(changed))
  person.password = changed

  const browser = person.elsewhere()
  await step('POST /recovery', () => browser.startRecovery())
  await step('POST /users/{user_id}/OTP', () => browser.sendCode())
  await step('PUT /OTP', () => browser.enterCode())
  const recovered = 'a third passphrase of my own'
  await step('PUT /users/{user_id}/recovery', () => browser.finishRecovery(recovered))
  browser.password = recovered
  // Over the session that it still has.
  await step('POST /login', () => browser.logIn())
  await step('POST /login', () => browser.logIn())
  await step('DELETE /users/{user_id}', () => browser.deleteAccount())
}

/** Ways in which people are kept out, each of which has statements of its own. With the server's own limits. */
export async function walkRefusals(meet: () => Person): Promise<void> {
  const [ada, eve] = [meet(), meet()]
  const refuse = async (status: number, action: Action) => {
    const done = await action()
    if (done.status !== status) throw new Error(`answered ${done.status} in place of ${status}`)
  }
  await ada.signUp()
  await ada.logIn()
  await refuse(401, () => eve.logIn())
  await refuse(409, () => ada.elsewhere().startSignUp())
  await eve.startSignUp()
  await eve.sendCode()
  await refuse(429, () => eve.sendCode())
  for (const _ of [1, 2, 3, 4, 5, 6]) await refuse(403, () => eve.enterCode('000000'))

  await refuse(403, () => ada.finish('gmail', 'oauth2', { code: 'a guess' }))
  await ada.start('gmail', 'oauth2')
  await refuse(403, () => ada.finish('gmail', 'oauth2', { code: 'a guess' }))
  await ada.connectGmail()
  const grace = meet()
  await grace.signUp()
  await grace.logIn()
  await refuse(409, () => grace.connectGmail())

  await refuse(403, () => ada.changePassword('a fourth passphrase', 'wrong'))
  for (const _ of [1, 2, 3, 4, 5]) await ada.elsewhere().logIn('wrong')
  await refuse(429, () => ada.elsewhere().logIn('wrong'))
}
