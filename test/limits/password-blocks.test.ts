import { describe, expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({
  services: { passwords: plainPasswords },
  env: { GOOGLE_CLIENT_ID: 'any', GOOGLE_CLIENT_SECRET: 'any' },
})
const wrong = 'a wrong passphrase'

async function someone(): Promise<Person> {
  const ada = world.person()
  await ada.signUp()
  return ada
}

/** Tries until the block, and says for how many seconds it is. */
async function blockedFor(person: Person): Promise<number> {
  expect(await countStatuses(times(5, () => person.elsewhere().logIn(wrong)))).toEqual({ 401: 5 })
  const answer: Response = await person.elsewhere().logIn()
  expect(answer.status).toBe(429)
  return Number(answer.headers.get('Retry-After'))
}

describe.each([
  ['a number with an account', someone],
  ['a number without', async () => world.person()],
])('%s', (_, make) => {
  test('is blocked for 15 min by 5 failures, for 24 h by the third such block, and then begins anew', async () => {
    const person = await make()
    for (const block of [900, 900, 86_400, 900]) {
      const seconds = await blockedFor(person)
      expect(seconds).toBeGreaterThan(block - 10)
      expect(seconds).toBeLessThanOrEqual(block)
      await world.passTime(block - 10)
      expect((await person.elsewhere().logIn()).status).toBe(429)
      await world.passTime(10)
    }
  })

  test('of fifty parallel wrong passwords gets five looked at', async () => {
    const person = await make()
    expect(await countStatuses(times(50, () => person.elsewhere().logIn(wrong)))).toEqual({ 401: 5, 429: 45 })
  })

  test('is not blocked longer by tries during the block', async () => {
    const person = await make()
    await blockedFor(person)
    await countStatuses(times(10, () => person.elsewhere().logIn(wrong)))
    await world.passTime(900)
    expect((await person.elsewhere().logIn(wrong)).status).toBe(401)
  })

  test('left alone for a day begins anew', async () => {
    const person = await make()
    await countStatuses(times(4, () => person.elsewhere().logIn(wrong)))
    await world.passTime(86_410)
    expect(await countStatuses(times(4, () => person.elsewhere().logIn(wrong)))).toEqual({ 401: 4 })
    expect((await person.elsewhere().logIn(wrong)).status).toBe(401)
    expect((await person.elsewhere().logIn(wrong)).status).toBe(429)
  })
})

test('after the block a right password works, and clears the blocks too', async () => {
  const ada = await someone()
  await blockedFor(ada)
  await world.passTime(900)
  await blockedFor(ada)
  await world.passTime(900)
  expect((await ada.logIn()).status).toBe(200)
  expect(await blockedFor(ada)).toBeLessThanOrEqual(900)
})

test('a success clears the count', async () => {
  const ada = await someone()
  for (let round = 0; round < 2; round++) {
    expect(await countStatuses(times(4, () => ada.elsewhere().logIn(wrong)))).toEqual({ 401: 4 })
    expect((await ada.logIn()).status).toBe(200)
  }
})

test('a uid that nobody has is blocked as well', async () => {
  const nobody = world.person()
  nobody.uid = crypto.randomUUID()
  expect(await countStatuses(times(8, () => nobody.elsewhere().verify(wrong)))).toEqual({ 401: 5, 429: 3 })
  const shouted = nobody.elsewhere()
  shouted.uid = nobody.uid.toUpperCase()
  expect((await shouted.verify(wrong)).status).toBe(429)
})

test('every place where the password is asked for counts; a session has tries of its own, which no stranger uses up', async () => {
  const ada = await world.signedUpPerson()
  const path = `/v2/users/${ada.uid}`
  const atLogin = [() => ada.elsewhere().logIn(wrong), () => ada.verify(wrong)]
  const signedIn = [
    () => ada.changePassword('the new passphrase', wrong),
    () => ada.deleteAccount(wrong),
    () => ada.send('DELETE', `${path}/platforms/gmail/protocols/oauth2`, { password: wrong }),
  ]
  const statusesOf = async (actions: (() => Promise<Response>)[]) => {
    const statuses: number[] = []
    for (const action of actions) statuses.push((await action()).status)
    return statuses
  }
  expect(await statusesOf([...atLogin, ...signedIn])).toEqual([401, 401, 403, 403, 403])
  for (const action of atLogin) {
    const answer: Response = await action()
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(800)
  }
  expect(await statusesOf(signedIn)).toEqual([403, 403, 429])
  expect((await ada.changePassword('the new passphrase')).status).toBe(429)
  await world.passTime(900)
  const stranger = ada.elsewhere()
  await countStatuses(times(8, () => stranger.logIn(wrong)))
  expect((await stranger.logIn()).status).toBe(429)
  expect((await ada.changePassword('the new passphrase')).status).toBe(200)
  expect((await ada.deleteAccount('the new passphrase')).status).toBe(200)
})

test('one account is blocked, others are not', async () => {
  const [ada, bola] = [await someone(), await someone()]
  await blockedFor(ada)
  expect((await bola.logIn()).status).toBe(200)
})

test('right passwords in parallel all enter', async () => {
  const ada = await someone()
  expect(await countStatuses(times(4, () => ada.elsewhere().logIn()))).toEqual({ 200: 4 })
})

describe('LOGIN_TRIES, LOGIN_BLOCK, LOGIN_BLOCKS and LOGIN_LONG_BLOCK', async () => {
  const env = { LOGIN_TRIES: '1', LOGIN_BLOCK: '30', LOGIN_BLOCKS: '2', LOGIN_LONG_BLOCK: '600' }
  const other = await openWorld({ services: { passwords: plainPasswords }, env })
  const strictest = await openWorld({ services: { passwords: plainPasswords }, env: { ...env, LOGIN_BLOCKS: '1' } })

  async function secondsAfterOne(person: Person): Promise<number> {
    expect((await person.logIn(wrong)).status).toBe(401)
    return Number((await person.logIn(wrong)).headers.get('Retry-After'))
  }

  test('say when a block comes and how long it is', async () => {
    const nobody = other.person()
    for (const block of [30, 600, 30]) {
      expect(Math.abs((await secondsAfterOne(nobody)) - block)).toBeLessThan(5)
      await other.passTime(block)
    }
    expect(Math.abs((await secondsAfterOne(strictest.person())) - 600)).toBeLessThan(5)
  })
})
