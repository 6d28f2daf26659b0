import { expect, test } from 'vitest'
import { randomPhoneNumber } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

test('a person signs up with a phone number, proves it with a code, and signs in', async () => {
  const ada = world.person()
  expect((await ada.startSignUp()).status).toBe(200)
  const sent = await ada.sendCode()
  expect(sent.status).toBe(201)
  expect((await sent.json()).expires).toBeGreaterThan(Date.now())
  const proved = await ada.enterCode()
  expect(proved.status).toBe(200)
  expect(Date.parse((await proved.json()).expires)).toBeGreaterThan(Date.now())
  expect((await ada.finishSignUp()).status).toBe(200)
  expect(ada.cookie).toBe('')

  expect((await ada.logIn()).status).toBe(200)
  const { createdAt, updatedAt } = await (await ada.dashboard()).json()
  expect(updatedAt).toBe(createdAt)
})

test('the dashboard shows the login before this one', async () => {
  const ada = await world.signedUpPerson()
  const first = await (await ada.dashboard()).json()
  await ada.logIn()
  const second = await (await ada.dashboard()).json()
  expect(Date.parse(second.updatedAt)).toBeGreaterThan(Date.parse(first.createdAt))
})

test.each([
  ['237', '670 00 00 01', '+237670000001'],
  ['+237', '670000002', '+237670000002'],
  ['237', '+237 670 000 003', '+237670000003'],
  ['44', '07911 123456', '+447911123456'],
  ['237', '٦٧٠٠٠٠٠٠٤', '+237670000004'],
  ['98', '۰۹۱۲۱۲۳۴۵۶۷', '+989121234567'],
  [undefined, '00237670000005', '+237670000005'],
])('country code %s and number %s are one number, %s', async (country_code, phone_number, e164) => {
  const ada = world.person({ phoneNumber: e164 })
  const { status } = await ada.send('POST', '/v2/signup', { country_code, phone_number, password: ada.password })
  expect(status).toBe(200)
  const { uid } = await (await ada.startSignUp()).json()
  ada.uid = uid
  expect((await ada.sendCode()).status).toBe(201)
})

test.each([
  ['too short', '+23767'],
  ['premium-rate', '+19002345678'],
  ['not a number', 'call me'],
])('a phone number that is %s is refused', async (_, phone_number) => {
  const response = await world.person().send('POST', '/v2/signup', { phone_number, password: 'a passphrase of my own' })
  expect(response.status).toBe(400)
})

test.each(['0', '999', '638128', '+', 'x'])(
  'the country code %s, which no country has, is refused',
  async (country_code) => {
    const body = { country_code, phone_number: '670000001', password: 'a passphrase of my own' }
    expect((await world.person().send('POST', '/v2/signup', body)).status).toBe(400)
  },
)

test('a number that does not belong to the country code is refused', async () => {
  const body = { country_code: '33', phone_number: '+237670000001', password: 'a passphrase of my own' }
  expect((await world.person().send('POST', '/v2/signup', body)).status).toBe(400)
})

test.each(['short', 'password123', 'PASSWORD123', 'x'.repeat(257)])('the password %s is refused', async (password) => {
  const ada = world.person()
  ada.password = password
  expect((await ada.startSignUp()).status).toBe(400)
})

test('a password of 256 characters that are no letters is a password', async () => {
  const ada = world.person()
  ada.password = '🔑'.repeat(256)
  await ada.signUp()
  expect((await ada.logIn()).status).toBe(200)
})

test('a number with an account is refused at once', async () => {
  const ada = await world.signedUpPerson()
  const again = world.person({ phoneNumber: ada.phoneNumber })
  expect((await again.startSignUp()).status).toBe(409)
})

test('a stranger who begins to sign up with the same number changes nothing for its owner', async () => {
  const ada = world.person()
  await ada.startSignUp()
  await ada.sendCode()
  const stranger = world.person({ phoneNumber: ada.phoneNumber })
  stranger.password = 'the password of a stranger'
  await stranger.startSignUp()
  expect((await stranger.enterCode('000000')).status).toBe(403)
  expect((await ada.enterCode()).status).toBe(200)
  expect((await ada.finishSignUp()).status).toBe(200)
  expect((await ada.logIn()).status).toBe(200)
  expect((await ada.elsewhere().logIn(stranger.password)).status).toBe(401)
})

test('nobody finishes a sign-up whose number is not proved', async () => {
  const ada = world.person()
  await ada.startSignUp()
  expect((await ada.finishSignUp()).status).toBe(403)
  await ada.sendCode()
  expect((await ada.finishSignUp()).status).toBe(403)
})

test('of two parallel sign-ups of one number one becomes the account', async () => {
  const phoneNumber = randomPhoneNumber()
  const people = [world.person({ phoneNumber }), world.person({ phoneNumber })]
  for (const person of people) {
    await person.proveNumber()
    await world.sql`delete from code_waits`
  }
  const statuses = await Promise.all(people.map(async (person) => (await person.finishSignUp()).status))
  expect(statuses.sort()).toEqual([200, 409])
  expect(
    await world.sql`select count(*)::int from users where id in ${world.sql(people.map(({ uid }) => uid))}`,
  ).toEqual([{ count: 1 }])
})

test('one sign-up finished twenty times at once makes one account', async () => {
  const ada = world.person()
  await ada.proveNumber()
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await ada.finishSignUp()).status))
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status !== 200).every((status) => status === 401)).toBe(true)
})
