import { expect, test } from 'vitest'
import { createBlindIndex } from '../../src/crypto/blind-index.ts'
import { countStatuses } from '../support/count-statuses.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

test('a person signs in by phone number, however it is typed, and by uid', async () => {
  const ada = world.person()
  await ada.signUp()
  const answer = await ada.logIn()
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ uid: ada.uid })
  const typed = ada.phoneNumber.replace('+', '00').replace(/(\d{3})$/, ' $1')
  expect(
    (await ada.elsewhere().send('POST', '/v2/login', { phone_number: typed, password: ada.password })).status,
  ).toBe(200)

  const browser = ada.elsewhere()
  const verified = await browser.verify()
  expect(verified.status).toBe(200)
  expect(await verified.json()).toEqual({ uid: ada.uid })
  expect((await browser.dashboard()).status).toBe(200)
})

test('an unknown number, a wrong password and an unknown uid get one answer, and no cookie', async () => {
  const ada = world.person()
  await ada.signUp()
  const wrong = 'a wrong passphrase'
  const nobody = world.person()
  nobody.uid = crypto.randomUUID()
  const answers = [
    await ada.send('POST', '/v2/login', { phone_number: ada.phoneNumber, password: wrong }),
    await nobody.send('POST', '/v2/login', { phone_number: nobody.phoneNumber, password: wrong }),
    await ada.send('POST', `/v2/users/${ada.uid}/verify`, { password: wrong }),
    await nobody.send('POST', `/v2/users/${nobody.uid}/verify`, { password: wrong }),
    await nobody.send('POST', '/v2/users/not-a-uuid/verify', { password: wrong }),
    await nobody.send('POST', `/v2/users/${'x'.repeat(5000)}/verify`, { password: wrong }),
    await nobody.send('POST', '/v2/users/%00/verify', { password: wrong }),
  ]
  const shown = await Promise.all(
    answers.map(async (answer) => [answer.status, answer.headers.get('Set-Cookie'), await answer.text()]),
  )
  expect(new Set(shown.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify([401, null, '"unauthorized"'])]),
  )

  const accept = { Accept: 'application/problem+json' }
  const problems = await Promise.all(
    [ada, nobody].map(async (person) => {
      const body = { phone_number: person.phoneNumber, password: wrong }
      const { request_id: _, ...problem } = (await (
        await person.send('POST', '/v2/login', body, accept)
      ).json()) as Record<string, unknown>
      return problem
    }),
  )
  expect(problems[0]).toEqual(problems[1])
})

test('the unknown number costs a password hash as the wrong password does', async () => {
  const { passwords } = world.services
  const checked: (string | undefined)[] = []
  world.services.passwords = {
    hash: passwords.hash,
    verify: (password, phc) => {
      checked.push(phc)
      return passwords.verify(password, phc)
    },
  }
  const nobody = world.person()
  nobody.uid = crypto.randomUUID()
  await nobody.logIn()
  await nobody.verify()
  expect(checked).toEqual([undefined, undefined])
  world.services.passwords = passwords
})

test('a sign-up whose number is not proved cannot sign in', async () => {
  const ada = world.person()
  await ada.startSignUp()
  expect((await ada.elsewhere().logIn()).status).toBe(401)
  expect((await ada.elsewhere().verify()).status).toBe(401)
  await ada.sendCode()
  await ada.enterCode()
  expect((await ada.elsewhere().logIn()).status).toBe(401)
})

test('signing out ends this session on the server and no other', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere({ userAgent: 'Phone/1.0' })
  await phone.logIn()
  const { cookie } = ada
  const answer = await ada.logOut()
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({})
  expect(answer.headers.get('Set-Cookie')).toMatch(/^SWOB=; .*Max-Age=0/)
  expect((await ada.send('GET', `/v2/users/${ada.uid}/dashboard`, undefined, { Cookie: cookie })).status).toBe(401)
  expect((await ada.send('POST', `/v2/users/${ada.uid}/logout`, {}, { Cookie: cookie })).status).toBe(401)
  expect((await phone.dashboard()).status).toBe(200)
})

test('twenty parallel sign-outs of one session are one', async () => {
  const ada = await world.signedUpPerson()
  const { cookie } = ada
  const signOut = () => ada.send('POST', `/v2/users/${ada.uid}/logout`, {}, { Cookie: cookie })
  const counts = await countStatuses(Array.from({ length: 20 }, signOut))
  expect((counts[200] ?? 0) + (counts[401] ?? 0)).toBe(20)
  expect(await world.sql`select 1 from sessions where user_id = ${ada.uid}`).toEqual([])
})

test('the number of an account made under an older key signs in, and its tries by number and by uid are one count', async () => {
  const ada = world.person()
  await ada.signUp()
  const { blindIndex } = world.services
  const newer = createBlindIndex([{ id: 'newer', bytes: crypto.getRandomValues(new Uint8Array(32)) }])
  world.services.blindIndex = {
    of: newer.of,
    all: async (kind, value) => [...(await newer.all(kind, value)), ...(await blindIndex.all(kind, value))],
  }
  expect((await ada.logIn()).status).toBe(200)
  for (const enter of ['logIn', 'verify', 'logIn', 'verify', 'logIn'] as const) {
    expect((await ada.elsewhere()[enter]('a wrong passphrase')).status).toBe(401)
  }
  expect((await ada.elsewhere().verify()).status).toBe(429)
  expect((await ada.elsewhere().logIn()).status).toBe(429)
  world.services.blindIndex = blindIndex
})
