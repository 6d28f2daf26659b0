import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })

/** The status of a dashboard asked for with exactly these headers. */
async function seenWith({ uid }: Person, headers: Record<string, string>): Promise<number> {
  const url = `http://api.test/v2/users/${uid}/dashboard`
  return (await world.fetch(url, { headers: { 'User-Agent': 'Test/1.0', ...headers } })).status
}

describe('a session ends', () => {
  test('two hours after it was last used', async () => {
    const ada = await world.signedUpPerson()
    const { cookie } = ada
    await world.passTime(7195)
    expect(await seenWith(ada, { Cookie: cookie })).toBe(200)
    await world.passTime(7195)
    expect(await seenWith(ada, { Cookie: cookie })).toBe(200)
    await world.passTime(7201)
    expect(await seenWith(ada, { Cookie: cookie })).toBe(401)
  })

  test('a day after it began, however much it is used', async () => {
    const ada = await world.signedUpPerson()
    for (let hour = 1; hour < 24; hour++) {
      await world.passTime(3600)
      expect((await ada.dashboard()).status).toBe(200)
    }
    await world.passTime(3590)
    expect((await ada.dashboard()).status).toBe(200)
    await world.passTime(11)
    expect((await ada.dashboard()).status).toBe(401)
  })

  test('for a sign-up too, and proving the number does not make its day longer', async () => {
    const ada = world.person()
    await ada.startSignUp()
    await world.passTime(7201)
    expect((await ada.sendCode()).status).toBe(401)

    const bola = world.person()
    await bola.startSignUp()
    for (let hour = 0; hour < 23; hour++) {
      await world.passTime(3600)
      expect((await bola.finishSignUp()).status).toBe(403)
    }
    await bola.sendCode()
    const { expires } = await (await bola.enterCode()).json()
    expect(Math.abs(Date.parse(expires) - Date.now() - 3_600_000)).toBeLessThan(10_000)
    await world.passTime(3605)
    expect((await bola.finishSignUp()).status).toBe(401)
  })
})

test('the cookie is set again while the session is used, but not on every request', async () => {
  const ada = await world.signedUpPerson()
  expect((await ada.dashboard()).headers.get('Set-Cookie')).toBeNull()
  await world.passTime(900)
  const renewed = (await ada.dashboard()).headers.get('Set-Cookie')
  expect(renewed).toBe(`${ada.cookie}; HttpOnly; Max-Age=7200; Path=/; SameSite=Lax`)
  expect((await ada.dashboard()).headers.get('Set-Cookie')).toBeNull()
})

test('a session is bound to its User-Agent', async () => {
  const ada = await world.signedUpPerson()
  const { cookie } = ada
  expect(await seenWith(ada, { Cookie: cookie, 'User-Agent': 'Thief/1.0' })).toBe(401)
  expect(await seenWith(ada, { Cookie: cookie })).toBe(200)
})

test('a request without a User-Agent is a bad request', async () => {
  const ada = await world.signedUpPerson()
  expect(await seenWith(ada, { Cookie: ada.cookie, 'User-Agent': '' })).toBe(400)
  const bodies = { phone_number: world.person().phoneNumber, password: 'a passphrase of my own' }
  for (const path of ['signup', 'login', 'recovery', `users/${ada.uid}/verify`]) {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await world.fetch(`http://api.test/v2/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(bodies),
    })
    expect([path, answer.status]).toEqual([path, 400])
    expect(answer.headers.get('Set-Cookie')).toBeNull()
  }
})

test('SESSION_BIND_USER_AGENT=off takes any User-Agent, or none', async () => {
  const { sessions } = world.services.settings
  const ada = await world.signedUpPerson()
  sessions.bindUserAgent = false
  expect(await seenWith(ada, { Cookie: ada.cookie, 'User-Agent': 'Other/1.0' })).toBe(200)
  expect(await seenWith(ada, { Cookie: ada.cookie, 'User-Agent': '' })).toBe(200)
  sessions.bindUserAgent = true
  expect(readConfig({ SESSION_BIND_USER_AGENT: 'off' }).settings.sessions.bindUserAgent).toBe(false)
  expect(readConfig({}).settings.sessions).toEqual({ maxAge: 7200, absoluteAge: 86_400, bindUserAgent: true })
})
