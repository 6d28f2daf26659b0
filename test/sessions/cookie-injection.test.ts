import { expect, test } from 'vitest'
import { newSessionToken } from '../../src/sessions/session.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const [ada, mallory] = [await world.signedUpPerson(), await world.signedUpPerson()]

/** The status of a dashboard asked for with exactly this Cookie header. */
async function seenWith({ uid }: Person, cookie: string, userAgent = 'Test/1.0'): Promise<number> {
  const url = `http://api.test/v2/users/${uid}/dashboard`
  return (await world.fetch(url, { headers: { 'User-Agent': userAgent, Cookie: cookie } })).status
}

test('a second SWOB, planted beside the own one, makes nobody of the request: neither order signs in as anybody', async () => {
  for (const planted of [
    mallory.cookie,
    `SWOB=${newSessionToken()}`,
    'SWOB=',
    'SWOB=""',
    `SWOB="${mallory.cookie.slice(5)}"`,
  ]) {
    for (const cookie of [`${planted}; ${ada.cookie}`, `${ada.cookie}; ${planted}`, `${ada.cookie};x=1;${planted}`]) {
      expect([cookie, await seenWith(ada, cookie)]).toEqual([cookie, 401])
      expect([cookie, await seenWith(mallory, cookie)]).toEqual([cookie, 401])
    }
  }
  expect(await seenWith(ada, ada.cookie)).toBe(200)
})

test('the same SWOB twice is one', async () => {
  expect(await seenWith(ada, `${ada.cookie}; theme=dark; ${ada.cookie}`)).toBe(200)
})

test('a cookie without a name is no SWOB, whatever it begins with', async () => {
  for (const other of ['SWOB', 'SWOBX', 'SWOB!'])
    for (const cookie of [`${other}; ${ada.cookie}`, `${ada.cookie}; ${other}`])
      expect([cookie, await seenWith(ada, cookie)]).toEqual([cookie, 200])
})

test('quotes around it are no part of it; anything else is', async () => {
  const token = ada.cookie.slice(5)
  expect(await seenWith(ada, `SWOB="${token}"`)).toBe(200)
  for (const value of [
    `"${token}`,
    `${token}"`,
    `""${token}""`,
    `'${token}'`,
    `${token},`,
    `${token} `.repeat(2),
    `\\${token}`,
  ]) {
    expect([value, await seenWith(ada, `SWOB=${value}`)]).toEqual([value, 401])
  }
})

test.each([
  ['a long value', `SWOB=${'A'.repeat(12_000)}`],
  ['a long name', `${'A'.repeat(12_000)}=1; SWOB=`],
  ['many cookies', Array.from({ length: 2000 }, (_, n) => `c${n}=1`).join('; ')],
  ['many SWOBs', Array.from({ length: 1000 }, () => `SWOB=${newSessionToken()}`).join('; ')],
  ['a statement', "SWOB=' or 1=1 --"],
  ['a pattern', `SWOB=${'%'.repeat(43)}`],
  ['escapes', `SWOB=${'%00'.repeat(43)}`],
  ['object names', 'SWOB=__proto__; __proto__=SWOB; constructor=1'],
])('a cookie header with %s is nobody', async (_, cookie) => {
  expect(await seenWith(ada, cookie)).toBe(401)
})

test('a stolen cookie dies with the session that it is of: at logout, at a new password, at recovery', async () => {
  const bola = await world.signedUpPerson()
  const atLogOut = bola.cookie
  await bola.logOut()
  expect(await seenWith(bola, atLogOut)).toBe(401)

  await bola.logIn()
  const stolen = bola.elsewhere()
  await stolen.logIn()
  await bola.changePassword('another passphrase of mine')
  bola.password = 'another passphrase of mine'
  expect(await seenWith(bola, stolen.cookie)).toBe(401)
  expect(await seenWith(bola, bola.cookie)).toBe(200)

  const recovery = await bola.recovering()
  const proved = recovery.cookie
  await recovery.finishRecovery('a third passphrase of mine')
  expect(await seenWith(bola, bola.cookie)).toBe(401)
  expect(
    (
      await recovery.send(
        'PUT',
        `/v2/users/${bola.uid}/recovery`,
        { new_password: 'a fourth passphrase' },
        { Cookie: proved },
      )
    ).status,
  ).toBe(401)
})

test('the cookie from before a number was proved is of no use after it', async () => {
  const chidi = world.person()
  await chidi.startSignUp()
  const before = chidi.cookie
  await chidi.sendCode()
  await chidi.enterCode()
  expect((await chidi.elsewhere().send('PUT', '/v2/signup', {}, { Cookie: before })).status).toBe(401)
  expect((await chidi.finishSignUp()).status).toBe(200)
})
