import { expect, test } from 'vitest'
import { createPasswords } from '../../src/crypto/passwords.ts'
import { UnavailableError } from '../../src/errors.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const passwords = createPasswords()
let isQueueFull = false
const hashing: typeof passwords = {
  ...passwords,
  async hash(password) {
    if (isQueueFull) throw new UnavailableError('password hashing')
    return passwords.hash(password)
  },
}
const world = await openWorld({ services: { passwords: hashing } })

/** `a passphrase of my own`, as argon2id with a fifth of today's memory: made by an earlier version, so to speak. */
const { hash } = await import('@node-rs/argon2')
const older = () => hash('a passphrase of my own', { memoryCost: 4096, timeCost: 2, parallelism: 1 })

async function storedHash({ uid }: Person): Promise<string> {
  const [row] = await world.sql<{ password_hash: string }[]>`select password_hash from users where id = ${uid}`
  return row?.password_hash ?? ''
}

async function someoneOfOld(): Promise<Person> {
  const ada = world.person()
  await ada.signUp()
  await world.sql`update users set password_hash = ${await older()} where id = ${ada.uid}`
  return ada
}

test.each([
  ['$argon2id$v=19$m=4096,t=2,p=1$AAAA$AAAA', true],
  ['$argon2id$v=19$m=19456,t=1,p=1$AAAA$AAAA', true],
  ['$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA', false],
  ['$argon2id$v=19$m=65536,t=3,p=4$AAAA$AAAA', false],
  ['$argon2i$v=19$m=65536,t=3,p=1$AAAA$AAAA', true],
  ['$argon2id$v=16$m=65536,t=3,p=1$AAAA$AAAA', true],
])('a hash %s is outdated: %s', (phc, outdated) => {
  expect(passwords.isOutdated(phc)).toBe(outdated)
})

test('a right password is hashed anew at today’s cost, once; a wrong one changes nothing', async () => {
  const ada = await someoneOfOld()
  const before = await storedHash(ada)
  expect((await ada.logIn('a wrong passphrase')).status).toBe(401)
  expect(await storedHash(ada)).toBe(before)
  expect((await ada.logIn()).status).toBe(200)
  const after = await storedHash(ada)
  expect([passwords.isOutdated(before), passwords.isOutdated(after)]).toEqual([true, false])
  expect((await ada.logIn()).status).toBe(200)
  expect(await storedHash(ada)).toBe(after)
})

test('parallel logins with an old hash all enter', async () => {
  const ada = await someoneOfOld()
  expect(await countStatuses(times(4, () => ada.elsewhere().logIn()))).toEqual({ 200: 4 })
  expect(passwords.isOutdated(await storedHash(ada))).toBe(false)
})

test('an old hash confirms a password change, which wins', async () => {
  const ada = await someoneOfOld()
  await ada.logIn()
  await world.sql`update users set password_hash = ${await older()} where id = ${ada.uid}`
  expect((await ada.changePassword('the new passphrase')).status).toBe(200)
  expect((await ada.elsewhere().logIn()).status).toBe(401)
  expect((await ada.elsewhere().logIn('the new passphrase')).status).toBe(200)
})

test('an account with an old hash is deleted', async () => {
  const ada = await someoneOfOld()
  await ada.logIn()
  await world.sql`update users set password_hash = ${await older()} where id = ${ada.uid}`
  expect((await ada.deleteAccount()).status).toBe(200)
})

test('a right password that can not be hashed anew for now is no wrong one', async () => {
  const ada = await someoneOfOld()
  isQueueFull = true
  for (let attempt = 0; attempt < 6; attempt++) expect((await ada.logIn()).status).toBe(503)
  isQueueFull = false
  expect((await ada.logIn()).status).toBe(200)
})
