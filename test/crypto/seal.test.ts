import { describe, expect, test } from 'vitest'
import type { RingKey } from '../../src/crypto/key-ring.ts'
import { createSeal, type SealContext, UnopenableError } from '../../src/crypto/seal.ts'

const key = (id: string): RingKey => ({ id, bytes: crypto.getRandomValues(new Uint8Array(32)) })
const [older, newer] = [key('older'), key('newer')]
const seal = createSeal([older])
const place: SealContext = { table: 'users', column: 'name', row: 'row-1', user: 'user-1' }

test.each(['', 'Ada', 'Ада 🔑 \0', 'x'.repeat(100_000)])('what was sealed opens in its place', async (plain) => {
  expect(await seal.open(await seal.seal(plain, place), place)).toBe(plain)
})

test('the same value is sealed differently each time, and shows neither itself nor its key', async () => {
  const [first, second] = [await seal.seal('Ada Lovelace', place), await seal.seal('Ada Lovelace', place)]
  expect(first).not.toBe(second)
  expect(first).toMatch(/^1\.older\.[\w-]+$/)
  expect(atob(first.slice(8).replaceAll('-', '+').replaceAll('_', '/'))).not.toContain('Ada')
})

test.each([
  ['row', { row: 'row-2' }],
  ['user', { user: 'user-2' }],
  ['column', { column: 'phone_number' }],
  ['table', { table: 'grants' }],
])('moved to another %s it does not open', async (_, moved) => {
  const sealed = await seal.seal('Ada', place)
  await expect(seal.open(sealed, { ...place, ...moved })).rejects.toThrow(UnopenableError)
})

test('names that run together are another place', async () => {
  const sealed = await seal.seal('Ada', { ...place, table: 'users.x', column: 'name' })
  await expect(seal.open(sealed, { ...place, table: 'users', column: 'x.name' })).rejects.toThrow(UnopenableError)
})

test.each(['A', 'Ad', 'Ada'])('altered in any letter it does not open', async (plain) => {
  const sealed = await seal.seal(plain, place)
  for (let at = 0; at < sealed.length; at++) {
    const altered = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    await expect(seal.open(altered, place), altered).rejects.toThrow(UnopenableError)
  }
  const end = sealed.slice(0, -1)
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const opened: string[] = []
  for (const letter of letters) {
    await seal.open(end + letter, place).then(
      () => opened.push(end + letter),
      () => undefined,
    )
  }
  expect(opened).toEqual([sealed])
})

test.each([
  ['nothing', () => ''],
  ['plain text', () => 'Ada'],
  ['another version', (sealed: string) => sealed.replace(/^1/, '2')],
  ['no key', (sealed: string) => sealed.replace('older', '')],
  ['a part cut off', (sealed: string) => sealed.slice(0, -4)],
  ['only a nonce', (sealed: string) => sealed.slice(0, 24)],
  ['something after it', (sealed: string) => `${sealed}.more`],
  ['padding after it', (sealed: string) => `${sealed}=`],
  ['no base64', (sealed: string) => `${sealed.slice(0, -1)}*`],
])('with %s it does not open', async (_, alter) => {
  await expect(seal.open(alter(await seal.seal('Ada', place)), place)).rejects.toThrow(UnopenableError)
})

describe('a key ring', () => {
  const both = createSeal([newer, older])

  test('opens what each key sealed, and seals with the first', async () => {
    const [old, recent] = [await seal.seal('old', place), await both.seal('new', place)]
    expect(recent).toMatch(/^1\.newer\./)
    expect([await both.open(old, place), await both.open(recent, place)]).toEqual(['old', 'new'])
  })

  test('without the key does not open', async () => {
    const sealed = await both.seal('Ada', place)
    await expect(seal.open(sealed, place)).rejects.toThrow(UnopenableError)
    await expect(createSeal([key('newer')]).open(sealed, place)).rejects.toThrow(UnopenableError)
    await expect(both.open(sealed.replace('newer', 'older'), place)).rejects.toThrow(UnopenableError)
  })

  test('renamed does not open: the key id is part of what was sealed', async () => {
    const sealed = await seal.seal('Ada', place)
    const renamed = createSeal([{ id: 'renamed', bytes: older.bytes }])
    await expect(renamed.open(sealed.replace('older', 'renamed'), place)).rejects.toThrow(UnopenableError)
  })
})
