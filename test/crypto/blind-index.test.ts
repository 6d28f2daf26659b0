import { expect, test } from 'vitest'
import { createBlindIndex, type Indexed } from '../../src/crypto/blind-index.ts'
import type { RingKey } from '../../src/crypto/key-ring.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const key = (id: string): RingKey => ({ id, bytes: crypto.getRandomValues(new Uint8Array(32)) })
const [older, newer] = [key('older'), key('newer')]
const [before, after] = [createBlindIndex([older]), createBlindIndex([newer, older])]
const number = '+237670000001'

test('a value has one hash under one key', async () => {
  const hash = await before.of('phone number', number)
  expect(hash).toMatch(/^[\w-]{43}$/)
  expect(await before.of('phone number', number)).toBe(hash)
  expect(await createBlindIndex([{ ...older, id: 'renamed' }]).of('phone number', number)).toBe(hash)
})

test('the hash of a value never changes: databases are full of it', async () => {
  const known = createBlindIndex([{ id: 'known', bytes: Uint8Array.from({ length: 32 }, (_, at) => at) }])
  expect(await known.of('phone number', number)).toBe('KnAPVX78h_8sTXcwmYbILBYPMWEWLYTGJdb7lTlwQOs')
  expect(await known.of('code', 'ä')).toBe('A2-Y4RYhOmwqyFH9c-aF5ILyDbLs9ZZN550CseQuDnc')
})

test('other values, kinds and keys have other hashes', async () => {
  const kinds: Indexed[] = ['phone number', 'platform account', 'code', 'decoy']
  const hashes = [
    ...(await Promise.all(kinds.map((kind) => before.of(kind, number)))),
    await before.of('phone number', '+237670000002'),
    await after.of('phone number', number),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('a ring of two keys stores under the newest and looks under both', async () => {
  expect(await after.all('phone number', number)).toEqual([
    await after.of('phone number', number),
    await before.of('phone number', number),
  ])
})

test('people who signed up before and after a new key sign in, recover and are one account each', async () => {
  const world = await openWorld({ services: { passwords: plainPasswords } })
  const [ada, bola] = [world.person(), world.person()]
  world.services.blindIndex = before
  await ada.signUp()
  world.services.blindIndex = after
  await bola.signUp()
  expect((await ada.logIn()).status).toBe(200)
  expect((await bola.logIn()).status).toBe(200)
  for (const person of [ada, bola]) {
    expect((await world.person({ phoneNumber: person.phoneNumber }).startSignUp()).status).toBe(409)
    const browser = person.elsewhere()
    await browser.startRecovery()
    expect((await browser.sendCode()).status).toBe(201)
    expect((await browser.enterCode()).status).toBe(200)
    expect((await browser.finishRecovery('the new passphrase')).status).toBe(200)
    expect((await person.logIn('the new passphrase')).status).toBe(200)
  }
})
