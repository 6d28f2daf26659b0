import { describe, expect, test } from 'vitest'
import { rotateKeys } from '../../src/maintenance/keys/rotate-keys.ts'
import { newRingKey, useKeys } from '../maintenance/keys/key-rings.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld, type World } from '../support/world.ts'

const env = { ...behindProxy, HIDE_ACCOUNTS: 'true' }
const world = await openWorld({ services: { passwords: plainPasswords }, env })
const home = '198.51.100.7'
const abroad = '203.0.113.7'

/** What a stranger sees of tries on a number. */
async function seen(at: World, phoneNumber: string, tries: number): Promise<string[]> {
  const answers: string[] = []
  for (let attempt = 0; attempt < tries; attempt++) {
    const answer: Response = await visitor(at, abroad, { phoneNumber }).logIn('a wrong passphrase')
    const seconds = Number(answer.headers.get('Retry-After') ?? 0)
    const body = (await answer.text()).replace(/"(request_id|retry_after_seconds)":[^,}]*/g, '$1')
    answers.push(`${answer.status} ${body} ${Math.round(seconds / 100)}`)
  }
  return answers
}

/** What its owner may do between a stranger's third try and the fourth. */
const actions: [string, (ada: Person, at: World) => Promise<unknown>][] = [
  ['nothing', async () => undefined],
  ['signs in', (ada) => ada.elsewhere().logIn()],
  ['signs in by uid', (ada) => ada.elsewhere().verify()],
  ['changes the password', (ada) => ada.changePassword('the new passphrase')],
  ['deletes the account', (ada) => ada.deleteAccount()],
  [
    'deletes the account and signs up anew',
    async (ada, at) => {
      await ada.deleteAccount()
      await at.sql`delete from code_waits`
      await visitor(at, home, { phoneNumber: ada.phoneNumber }).signUp()
    },
  ],
  [
    'recovers the account',
    async (ada, at) => {
      await at.sql`delete from code_waits`
      await (await ada.recovering()).finishRecovery('the new passphrase')
    },
  ],
]

async function accountHolder(at: World): Promise<Person> {
  const ada = visitor(at, home)
  await ada.signUp()
  await ada.logIn()
  return ada
}

test.each(actions)('a stranger who tries passwords does not see whether an owner %s', async (_, act) => {
  const [ada, nobody] = [await accountHolder(world), world.person()]
  const known = await seen(world, ada.phoneNumber, 3)
  await act(ada, world)
  known.push(...(await seen(world, ada.phoneNumber, 4)))
  await world.passTime(900)
  known.push(...(await seen(world, ada.phoneNumber, 7)))
  const unknown = await seen(world, nobody.phoneNumber, 7)
  await world.passTime(900)
  unknown.push(...(await seen(world, nobody.phoneNumber, 7)))
  expect(known).toEqual(unknown)
  expect(known.filter((answer) => answer.startsWith('401'))).toHaveLength(10)
})

test('a stranger who tries passwords does not see that a number gets an account', async () => {
  const [ada, nobody] = [visitor(world, home), world.person()]
  const known = await seen(world, ada.phoneNumber, 3)
  await ada.signUp()
  known.push(...(await seen(world, ada.phoneNumber, 4)))
  expect(known).toEqual(await seen(world, nobody.phoneNumber, 7))
})

test('tries by number and by uid are counted together', async () => {
  const ada = await accountHolder(world)
  await seen(world, ada.phoneNumber, 3)
  const byUid = []
  for (let attempt = 0; attempt < 3; attempt++)
    byUid.push((await visitor(world, abroad, ada).verify('a wrong passphrase')).status)
  expect(byUid).toEqual([401, 401, 429])
})

describe('a change of keys', async () => {
  const other = await openWorld({ services: { passwords: plainPasswords }, env })
  const [older, newer] = [newRingKey('older'), newRingKey('newer')]

  test('begins no count anew in any of its steps, with an account or without', async () => {
    useKeys(other, older)
    const people = [(await accountHolder(other)).phoneNumber, other.person().phoneNumber]
    const steps = [
      async () => useKeys(other, older),
      async () => useKeys(other, older, newer),
      async () => useKeys(other, newer, older),
      async () => void (await rotateKeys(other.services)),
    ]
    const views: string[][] = [[], []]
    for (const step of steps) {
      await step()
      for (const [at, phoneNumber] of people.entries()) views[at]?.push(...(await seen(other, phoneNumber, 2)))
    }
    expect(views[0]?.map((answer) => answer.slice(0, 3))).toEqual([
      '401',
      '401',
      '401',
      '401',
      '401',
      '429',
      '429',
      '429',
    ])
    // The key that goes takes the counts of both with it.
    useKeys(other, newer)
    for (const [at, phoneNumber] of people.entries()) views[at]?.push(...(await seen(other, phoneNumber, 6)))
    expect(views[0]).toEqual(views[1])
  })

  test('forgets no network that an owner signed in from while both keys are there', async () => {
    useKeys(other, older)
    const ada = await accountHolder(other)
    useKeys(other, newer, older)
    await rotateKeys(other.services)
    await seen(other, ada.phoneNumber, 6)
    expect((await visitor(other, '192.88.99.1', ada).logIn()).status).toBe(429)
    expect((await ada.elsewhere().logIn()).status).toBe(200)
  })
})
