import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { newSessionToken } from '../../src/sessions/session.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })

/** The status of a dashboard asked for with exactly these headers. */
async function seenWith({ uid }: Person, headers: Record<string, string>): Promise<number> {
  const url = `http://api.test/v2/users/${uid}/dashboard`
  return (await world.fetch(url, { headers: { 'User-Agent': 'Test/1.0', ...headers } })).status
}

test('every session has an id of its own, of 256 random bits, that the database does not know', async () => {
  const ada = world.person()
  const cookies: string[] = []
  const keep = () => cookies.push(ada.cookie)
  await ada.startSignUp()
  keep()
  await ada.sendCode()
  await ada.enterCode()
  keep()
  await ada.finishSignUp()
  await ada.logIn()
  keep()
  await ada.verify()
  keep()
  expect(new Set(cookies).size).toBe(4)
  for (const cookie of cookies) expect(cookie).toMatch(/^SWOB=[\w-]{43}$/)
  const rows = await world.sql<{ row: string }[]>`select sessions::text as row from sessions`
  for (const cookie of cookies) expect(rows.some(({ row }) => row.includes(cookie.slice(5)))).toBe(false)
})

test('an id that an attacker planted is never adopted', async () => {
  const planted = `SWOB=${newSessionToken()}`
  const ada = world.person()
  ada.cookie = planted
  await ada.startSignUp()
  expect(ada.cookie).not.toBe(planted)
  const proved = ada.cookie
  await ada.sendCode()
  await ada.enterCode()
  expect(ada.cookie).not.toBe(proved)
  await ada.finishSignUp()
  ada.cookie = planted
  await ada.logIn()
  expect(ada.cookie).not.toBe(planted)
  for (const cookie of [planted, proved]) expect(await seenWith(ada, { Cookie: cookie })).toBe(401)
  expect(await seenWith(ada, { Cookie: ada.cookie })).toBe(200)
})

test("an attacker's live session does not become the one of who signs in over it", async () => {
  const mallory = await world.signedUpPerson()
  const ada = world.person()
  await ada.signUp()
  ada.cookie = mallory.cookie
  await ada.logIn()
  expect(await seenWith(ada, { Cookie: mallory.cookie })).toBe(401)
  expect(ada.cookie).not.toBe(mallory.cookie)
})

test('only SWOB of the Cookie header counts', async () => {
  const ada = await world.signedUpPerson()
  const { cookie } = ada
  const other = `SWOB2=${newSessionToken()}`
  for (const sent of [
    `${cookie}; Max-Age=7200; Path=/`,
    `${cookie}; HttpOnly; Max-Age=7200; Path=/; SameSite=Lax; Secure`,
    `theme=dark; ${cookie}`,
    `${cookie}; theme=dark; ${other}`,
    `_ga=GA1.2.3=4; ${cookie}; empty=; =nameless; flag`,
    `progress=100%; ${cookie}; name=%E0%A4%A`,
    `theme=dark;${cookie};other=1`,
  ]) {
    expect([sent, await seenWith(ada, { Cookie: sent })]).toEqual([sent, 200])
  }
  const token = cookie.slice(5)
  for (const sent of [
    '',
    'SWOB',
    'SWOB=',
    `swob=${token}`,
    `SWOB2=${token}`,
    `SWOB=${token}x`,
    `SWOB=${token.slice(1)}`,
    `theme=${cookie}`,
    'SWOB=%',
    'SWOB=%00',
  ]) {
    expect([sent, await seenWith(ada, { Cookie: sent })]).toEqual([sent, 401])
  }
})

describe('the cookie', () => {
  const attributes = async () =>
    (await world.person().startSignUp()).headers.get('Set-Cookie')?.replace(/SWOB=[\w-]{43}/, 'SWOB=token')

  test('is HttpOnly, SameSite=Lax, for the whole site, for two hours', async () => {
    expect(await attributes()).toBe('SWOB=token; HttpOnly; Max-Age=7200; Path=/; SameSite=Lax')
  })

  test('is Secure with COOKIE_SECURE, and always in production', async () => {
    world.services.settings.secureCookies = readConfig({ COOKIE_SECURE: 'true' }).settings.secureCookies
    expect(await attributes()).toBe('SWOB=token; HttpOnly; Max-Age=7200; Path=/; SameSite=Lax; Secure')
    world.services.settings.secureCookies = false
    const production = {
      NODE_ENV: 'production',
      SECRET_KEYS: `a:${randomBytes(32).toString('base64')}`,
      ORIGINS: 'https://app.example.org',
      HIDE_ACCOUNTS: 'true',
      SMS_PROVIDER: 'webhook',
      SMS_WEBHOOK_URL: 'https://sms.example.org/',
      SMS_WEBHOOK_SECRET: randomBytes(24).toString('base64'),
    }
    expect(readConfig(production).settings.secureCookies).toBe(true)
    expect(() => readConfig({ ...production, COOKIE_SECURE: 'false' })).toThrow('COOKIE_SECURE')
  })

  test('is deleted under the same attributes', async () => {
    const ada = await world.signedUpPerson()
    expect((await ada.logOut()).headers.get('Set-Cookie')).toBe('SWOB=; HttpOnly; Max-Age=0; Path=/; SameSite=Lax')
  })
})
