import { expect, test } from 'vitest'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const shown = async (person: Person) => (await person.dashboard()).json()

test('createdAt is when the person joined, updatedAt the login before this one', async () => {
  const ada = world.person()
  await ada.signUp()
  await world.passTime(3600)
  await ada.logIn()
  const first = await shown(ada)
  expect(first.createdAt).toMatch(iso)
  expect(first.updatedAt).toBe(first.createdAt)
  expect(Math.abs(Date.now() - 3_600_000 - Date.parse(first.createdAt))).toBeLessThan(10_000)

  await world.passTime(600)
  await ada.verify()
  const second = await shown(ada)
  expect(second.updatedAt).toMatch(iso)
  expect(Math.abs(Date.now() - 600_000 - Date.parse(second.updatedAt))).toBeLessThan(10_000)
  expect(Math.abs(Date.now() - 4_200_000 - Date.parse(second.createdAt))).toBeLessThan(10_000)
})

test('a refused login does not show', async () => {
  const ada = await world.signedUpPerson()
  const before = await shown(ada)
  await ada.elsewhere().logIn('a wrong passphrase')
  expect(await shown(ada)).toEqual(before)
})

test("another user's dashboard, and anybody's without a session, is refused", async () => {
  const [ada, bola] = [await world.signedUpPerson(), await world.signedUpPerson()]
  expect((await ada.send('GET', `/v2/users/${bola.uid}/dashboard`)).status).toBe(401)
  expect((await ada.elsewhere().dashboard()).status).toBe(401)
  expect(
    (await ada.send('GET', `/v2/users/${ada.uid}/dashboard`, undefined, { 'Content-Type': 'application/json' })).status,
  ).toBe(200)
})
