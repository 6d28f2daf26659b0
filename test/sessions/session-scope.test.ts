import { expect, test } from 'vitest'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })

test.each(['not-json', '{"password":', '[]', '{"password":7}', '"text"'])(
  'the path of another user is refused with 401 before the body %s',
  async (body) => {
    const [ada, bola] = [await world.signedUpPerson(), await world.signedUpPerson()]
    const path = `/v2/users/${bola.uid}`
    const requests: [string, string][] = [
      ['POST', `${path}/logout`],
      ['POST', `${path}/password`],
      ['PUT', `${path}/recovery`],
      ['DELETE', path],
      ['POST', `${path}/OTP`],
      ['POST', `${path}/platforms/gmail/protocols/oauth2`],
      ['PUT', `${path}/platforms/gmail/protocols/oauth2`],
      ['PUT', `${path}/platforms/telegram/protocols/twofactor/register`],
      ['DELETE', `${path}/platforms/gmail/protocols/oauth2`],
      ['DELETE', `${path}/platforms/nothing/protocols/none`],
      ['PUT', '/v2/users/not-a-uuid/recovery'],
      ['POST', '/v2/users/%00/logout'],
    ]
    for (const [method, way] of requests) {
      const { status } = await ada.send(method, way, body)
      expect([method, way, status]).toEqual([method, way, 401])
    }
    expect((await ada.send('GET', `${path}/platforms`)).status).toBe(401)
    expect((await bola.dashboard()).status).toBe(200)
  },
)

test('a session serves its own purpose only', async () => {
  const ada = await world.signedUpPerson()
  const recovery = ada.elsewhere()
  await recovery.startRecovery()
  const signup = world.person()
  await signup.startSignUp()
  for (const person of [recovery, signup]) {
    const path = `/v2/users/${person.uid}`
    expect((await person.dashboard()).status).toBe(401)
    expect((await person.send('GET', `${path}/platforms`)).status).toBe(401)
    expect((await person.changePassword('the new passphrase')).status).toBe(401)
    expect((await person.deleteAccount()).status).toBe(401)
    expect((await person.start('gmail', 'oauth2')).status).toBe(401)
    expect((await person.finishSignUp()).status).toBe(403)
  }
  expect((await ada.finishSignUp()).status).toBe(403)
  expect((await ada.dashboard()).status).toBe(200)
})
