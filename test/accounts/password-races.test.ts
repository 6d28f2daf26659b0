import { expect, test } from 'vitest'
import { createPasswords } from '../../src/crypto/passwords.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const real = createPasswords()
/** What happens between the moment a password was found right and what then follows. */
let meanwhile: (() => Promise<unknown>) | undefined
const world = await openWorld({
  services: {
    passwords: {
      hash: real.hash,
      async verify(password, phc) {
        const right = await real.verify(password, phc)
        const action = meanwhile
        meanwhile = undefined
        await action?.()
        return right
      },
    },
  },
})

/** Each ends what the old password opened. */
const endings: [string, (ada: Person) => Promise<() => Promise<{ status: number }>>][] = [
  ['a password change', async (ada) => () => ada.changePassword('the new passphrase')],
  ['a deletion', async (ada) => () => ada.deleteAccount()],
  [
    'a recovery',
    async (ada) => {
      const browser = await ada.recovering()
      return () => browser.finishRecovery('the new passphrase')
    },
  ],
]

test.each(endings)('a login overtaken by %s opens nothing', async (_, prepare) => {
  const ada = await world.signedUpPerson()
  const end = await prepare(ada)
  const late = ada.elsewhere()
  let ended = 0
  meanwhile = async () => {
    ended = (await end()).status
  }
  expect((await late.logIn()).status).toBe(401)
  expect(ended).toBe(200)
  expect(late.cookie).toBe('')
  expect((await late.logIn()).status).toBe(401)
})

test.each(endings)('logins that race %s leave no live session of the old password', async (_, prepare) => {
  for (let round = 0; round < 4; round++) {
    const ada = await world.signedUpPerson()
    const end = await prepare(ada)
    const browsers = [ada.elsewhere(), ada.elsewhere(), ada.elsewhere()]
    const [ended] = await Promise.all([end(), ...browsers.map((browser) => browser.logIn())])
    expect(ended.status).toBe(200)
    for (const browser of browsers) expect((await browser.dashboard()).status).toBe(401)
  }
})

test('a password change overtaken by a recovery changes nothing', async () => {
  const ada = await world.signedUpPerson()
  const end = await endings[2]?.[1](ada)
  meanwhile = async () => end?.()
  expect((await ada.changePassword('what a thief would set')).status).toBe(403)
  expect((await ada.elsewhere().logIn('the new passphrase')).status).toBe(200)
  expect((await ada.elsewhere().logIn('what a thief would set')).status).toBe(401)
})

test('a deletion overtaken by a recovery deletes nothing', async () => {
  const ada = await world.signedUpPerson()
  const end = await endings[2]?.[1](ada)
  meanwhile = async () => end?.()
  expect((await ada.deleteAccount()).status).toBe(403)
  expect((await ada.elsewhere().logIn('the new passphrase')).status).toBe(200)
})
