import { expect, test } from 'vitest'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

const pending = async () => {
  const [row] = await world.sql`
    select (select count(*)::int from signups) as signups, (select count(*)::int from sessions) as sessions`
  return row
}

async function waiting(): Promise<Person> {
  await world.sql`truncate signups, sessions cascade`
  const ada = world.person()
  await ada.startSignUp()
  await ada.sendCode()
  return ada
}

test('a sign-up begun again in the same browser goes on, with its code', async () => {
  const ada = await waiting()
  const { uid, cookie, lastCode } = ada
  const again = await ada.startSignUp()
  expect(again.status).toBe(200)
  expect(await again.json()).toEqual({ uid })
  expect(again.headers.get('Set-Cookie')).toContain('Max-Age=7200')
  expect(ada.cookie).toBe(cookie)
  expect(await pending()).toEqual({ signups: 1, sessions: 1 })
  expect((await ada.enterCode(lastCode)).status).toBe(200)

  // Its number is proved: a new code is neither needed nor sent.
  expect(await (await ada.startSignUp()).json()).toEqual({ uid })
  expect((await ada.finishSignUp()).status).toBe(200)
  expect((await ada.logIn()).status).toBe(200)
})

test('it takes the name that was given last', async () => {
  const ada = await waiting()
  const name = 'Ada King'
  const { phoneNumber: phone_number, password } = ada
  expect((await ada.send('POST', '/v2/signup', { phone_number, password, name })).status).toBe(200)
  const [row] = await world.sql<{ id: string; name_sealed: string }[]>`select id, name_sealed from signups`
  const { id = '', name_sealed = '' } = row ?? {}
  const place = { table: 'users', column: 'name', row: id, user: id }
  expect(await world.services.seal.open(name_sealed, place)).toBe(name)
})

test.each<[string, (ada: Person) => Person]>([
  ['another password', (ada) => Object.assign(ada, { password: 'another passphrase of mine' })],
  ['another number', (ada) => Object.assign(world.person(), { cookie: ada.cookie })],
  ['another browser', (ada) => ada.elsewhere()],
  ['another User-Agent', (ada) => Object.assign(ada.elsewhere({ userAgent: 'Other/2.0' }), { cookie: ada.cookie })],
])('with %s it is a new one', async (_, change) => {
  const ada = await waiting()
  const { uid, cookie } = ada
  const person = change(ada)
  expect((await person.startSignUp()).status).toBe(200)
  expect(person.uid).not.toBe(uid)
  expect(person.cookie).not.toBe(cookie)
})

test('a session that is over does not go on', async () => {
  const ada = await waiting()
  const { uid } = ada
  await world.passTime(7300)
  await ada.startSignUp()
  expect(ada.uid).not.toBe(uid)
})

test('a number that got an account meanwhile is refused', async () => {
  const ada = await waiting()
  const other = world.person({ phoneNumber: ada.phoneNumber })
  await world.sql`delete from code_waits`
  await other.signUp()
  expect((await ada.startSignUp()).status).toBe(409)
})
