import { expect, test } from 'vitest'
import { createPasswords } from '../../src/crypto/passwords.ts'

const passwords = createPasswords()

test('a password is kept as argon2id of at least 19 MiB, salted', async () => {
  const [first, second] = [await passwords.hash('a passphrase'), await passwords.hash('a passphrase')]
  expect(first).not.toBe(second)
  const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(first) ?? []
  expect(Number(memory)).toBeGreaterThanOrEqual(19_456)
  expect(Number(passes)).toBeGreaterThanOrEqual(2)
  expect(await passwords.verify('a passphrase', first)).toBe(true)
  expect(await passwords.verify('a passphrase ', first)).toBe(false)
  expect(await passwords.verify('', first)).toBe(false)
})

test.each([
  ['composed and decomposed', 'pass\u00e9 simple', 'passe\u0301 simple'],
  ['full-width and plain', '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44 1', 'password 1'],
  ['a ligature and its letters', '\ufb01ne passphrase', 'fine passphrase'],
])('%s letters are one password', async (_, typed, otherwise) => {
  const hash = await passwords.hash(typed)
  expect(await passwords.verify(otherwise, hash)).toBe(true)
  expect(await createPasswords().verify(otherwise.toUpperCase(), hash)).toBe(false)
})

test('what follows a NUL or the 72nd byte counts', async () => {
  const long = 'x'.repeat(200)
  expect(await passwords.verify(`${long}b`, await passwords.hash(`${long}a`))).toBe(false)
  expect(await passwords.verify('nul\0b', await passwords.hash('nul\0a'))).toBe(false)
})

test.each(['', 'a passphrase', '\0'])('without a hash no password is right', async (password) => {
  expect(await passwords.verify(password, undefined)).toBe(false)
})
