import { expect, test } from 'vitest'
import { telegramPassword } from '../../src/sandbox/telegram/well-known-accounts.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { ada, connectTelegram, grace, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld()
const steps = '/platforms/telegram/protocols/twofactor'
const done = { body: '', initialization_url: '' }

test('Telegram: its own code, saved, still live, logged out', async () => {
  const person = await world.signedUpPerson()
  const started = await person.start('telegram', 'twofactor', { phone_number: ada })
  expect([started.status, await started.json()]).toEqual([
    200,
    { url: '', body: '201', platform: 'telegram', sent_to: 'sms' },
  ])

  const wrong = await person.finish('telegram', 'twofactor', { phone_number: ada, code: '54321' })
  expect([wrong.status, await world.stored()]).toEqual([403, { pending: 1, grants: 0, revocations: 0 }])
  const right = await person.finish('telegram', 'twofactor', { phone_number: ada, code: '12345' })
  expect([right.status, await right.json()]).toEqual([200, done])
  expect(await person.savedPlatforms()).toEqual(['telegram'])

  const again = await person.start('telegram', 'twofactor', { phone_number: ada })
  expect([again.status, await again.json()]).toEqual([200, { url: '', body: '200', platform: 'telegram' }])
  expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })

  const grant = await world.grantOf(person, 'telegram')
  expect(await world.isLive('telegram', grant)).toBe(true)
  expect((await person.revoke('telegram', 'twofactor', 'not the password')).status).toBe(403)
  expect((await person.revoke('telegram', 'twofactor')).status).toBe(200)
  await world.runJobs()
  expect(await world.isLive('telegram', grant)).toBe(false)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
})

test('a number without an account goes on to register', async () => {
  const person = await world.signedUpPerson()
  const phone_number = randomPhoneNumber()
  await person.start('telegram', 'twofactor', { phone_number })
  const names = { phone_number, first_name: 'Nadia', last_name: 'Example' }
  expect((await person.step('telegram', 'twofactor', 'register', names)).status).toBe(403)

  const needs = await person.finish('telegram', 'twofactor', { phone_number, code: '12345' })
  expect([needs.status, await needs.json()]).toEqual([200, { body: '202', initialization_url: `${steps}/register` }])
  expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 0 })
  expect((await person.finish('telegram', 'twofactor', { phone_number, code: '12345' })).status).toBe(403)
  expect((await person.step('telegram', 'twofactor', 'password', { password: 'x' })).status).toBe(403)
  expect((await person.step('telegram', 'twofactor', 'register', { phone_number })).status).toBe(400)
  const other = { ...names, phone_number: ada }
  expect((await person.step('telegram', 'twofactor', 'register', other)).status).toBe(403)

  const registered = await person.step('telegram', 'twofactor', 'register', names)
  expect([registered.status, await registered.json()]).toEqual([200, done])
  expect((await world.grantOf(person, 'telegram')).profile).toMatchObject({ first_name: 'Nadia', last_name: 'Example' })
})

test('a two-step account goes on to its password', async () => {
  const person = await world.signedUpPerson()
  const needs = await connectTelegram(person, grace)
  expect([needs.status, await needs.json()]).toEqual([200, { body: '202', initialization_url: `${steps}/password` }])
  expect((await person.step('telegram', 'twofactor', 'register', { first_name: 'Eve' })).status).toBe(403)
  expect((await person.step('telegram', 'twofactor', 'password', { password: 'wrong' })).status).toBe(403)
  const finished = await person.step('telegram', 'twofactor', 'password', { password: telegramPassword })
  expect([finished.status, await finished.json()]).toEqual([200, done])
  expect(await person.savedPlatforms()).toEqual(['telegram'])
})

test.each(['code', 'logout', 'constructor', 'PASSWORD'])('Telegram has no step %s', async (action) => {
  const person = await world.signedUpPerson()
  expect((await person.step('telegram', 'twofactor', action, { password: 'x' })).status).toBe(404)
})

test('a start without a phone number, or with one that is none, is refused before anything is asked', async () => {
  const person = await world.signedUpPerson()
  const before = world.sandbox.telegram.received.length
  expect((await person.start('telegram', 'twofactor')).status).toBe(400)
  expect((await person.start('telegram', 'twofactor', { phone_number: 'call me' })).status).toBe(400)
  expect(world.sandbox.telegram.received).toHaveLength(before)
})

test('a code may come as the number that some clients make of it, and without the phone number', async () => {
  const person = await world.signedUpPerson()
  await person.start('telegram', 'twofactor', { phone_number: ada })
  expect((await person.finish('telegram', 'twofactor', { code: 12345 })).status).toBe(200)
})

test('a grant that was ended from another device makes way for a new one', async () => {
  const person = await world.signedUpPerson()
  await connectTelegram(person)
  world.sandbox.telegram.endSessions(ada)
  const started = await person.start('telegram', 'twofactor', { phone_number: ada })
  expect((await started.json()).body).toBe('201')
  expect(await person.savedPlatforms()).toEqual([])
  expect((await person.finish('telegram', 'twofactor', { code: '12345' })).status).toBe(200)
})
