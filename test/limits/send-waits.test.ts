import { describe, expect, test } from 'vitest'
import { createBlindIndex } from '../../src/crypto/blind-index.ts'
import type { RingKey } from '../../src/crypto/key-ring.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import { type Person, randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })

/** Sends in a session of its own, as whoever wants to get round the limit would. */
async function sendAnew(phoneNumber: string): Promise<Response> {
  const person: Person = world.person({ phoneNumber })
  await person.startSignUp()
  return person.sendCode()
}

/** The seconds that a send made now leaves to wait. */
async function waitAfterSending(phoneNumber: string): Promise<number> {
  const answer = await sendAnew(phoneNumber)
  expect(answer.status).toBe(201)
  const { expires } = (await answer.json()) as { expires: number }
  return (expires - Date.now()) / 1000
}

test('a number waits 2 min, 5 min, 15 min and 24 h between sends, then 2 min again, whatever session sends', async () => {
  const number = randomPhoneNumber()
  for (const wait of [120, 300, 900, 86_400, 120, 300]) {
    const left = await waitAfterSending(number)
    expect(left).toBeGreaterThan(wait - 10)
    expect(left).toBeLessThanOrEqual(wait + 1)

    await world.passTime(wait - 10)
    const early = await sendAnew(number)
    expect(early.status).toBe(429)
    const seconds = Number(early.headers.get('Retry-After'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(10)
    await world.passTime(seconds)
  }
  expect(world.phone.messagesTo(number)).toHaveLength(6)
})

test('refused sends make no wait longer', async () => {
  const number = randomPhoneNumber()
  await sendAnew(number)
  for (let attempt = 0; attempt < 5; attempt++) expect((await sendAnew(number)).status).toBe(429)
  await world.passTime(120)
  expect(await waitAfterSending(number)).toBeLessThanOrEqual(301)
})

test('one number waits, others do not', async () => {
  const number = randomPhoneNumber()
  await sendAnew(number)
  expect((await sendAnew(number)).status).toBe(429)
  expect((await sendAnew(randomPhoneNumber())).status).toBe(201)
})

test('a number left alone for more than a day after its wait begins anew', async () => {
  const number = randomPhoneNumber()
  await sendAnew(number)
  await world.passTime(120)
  await sendAnew(number)
  await world.passTime(300 + 86_410)
  expect(await waitAfterSending(number)).toBeLessThanOrEqual(121)
})

test('a right code clears the count but not the time of the next send, a wrong one neither', async () => {
  const ada = world.person()
  await ada.startSignUp()
  await ada.sendCode()
  await world.passTime(120)
  await ada.sendCode()
  await ada.enterCode(ada.lastCode === '000000' ? '000001' : '000000')
  expect((await sendAnew(ada.phoneNumber)).status).toBe(429)
  expect((await ada.enterCode()).status).toBe(200)
  const early = await sendAnew(ada.phoneNumber)
  expect(early.status).toBe(429)
  expect(Number(early.headers.get('Retry-After'))).toBeGreaterThan(250)
  await world.passTime(300)
  expect(await waitAfterSending(ada.phoneNumber)).toBeLessThanOrEqual(121)
})

test('who has proved the number is sent no more codes', async () => {
  const ada = world.person()
  await ada.proveNumber()
  await world.passTime(120)
  expect((await ada.sendCode()).status).toBe(409)
  expect(world.phone.messagesTo(ada.phoneNumber)).toHaveLength(1)
  expect((await ada.finishSignUp()).status).toBe(200)
})

test('of parallel sends by many sessions after a wait one is done, and counts once', async () => {
  const number = randomPhoneNumber()
  await sendAnew(number)
  await world.passTime(120)
  const browsers = times(10, () => world.person({ phoneNumber: number }))
  await Promise.all(browsers.map((browser) => browser.startSignUp()))
  expect(await countStatuses(browsers.map((browser) => browser.sendCode()))).toEqual({ 201: 1, 429: 9 })
  const [row] =
    await world.sql`select sends from code_waits where phone_number_index = ${await world.services.blindIndex.of('phone number', number)}`
  expect(row).toEqual({ sends: 2 })
})

describe('HIDE_ACCOUNTS=true', async () => {
  const newKey = { id: 'new', bytes: crypto.getRandomValues(new Uint8Array(32)) }
  const oldKey = { id: 'old', bytes: crypto.getRandomValues(new Uint8Array(32)) }
  const hiding = await openWorld({ services: { passwords: plainPasswords }, env: { HIDE_ACCOUNTS: 'true' } })
  const recoveryWait = async (phoneNumber: string) => {
    const stranger = hiding.person({ phoneNumber })
    await stranger.startRecovery()
    const answer = await stranger.sendCode()
    return [answer.status, Number(answer.headers.get('Retry-After'))]
  }

  test('a code that was entered shortens no wait that strangers see', async () => {
    const [ada, bola] = [hiding.person(), hiding.person()]
    for (const person of [ada, bola]) {
      await person.startSignUp()
      await person.sendCode()
      await hiding.passTime(120)
      await person.sendCode()
    }
    expect((await ada.enterCode()).status).toBe(200)
    for (const person of [ada, bola]) expect((await recoveryWait(person.phoneNumber))[0]).toBe(429)
    await hiding.passTime(300)
    for (const { phoneNumber } of [ada, bola]) {
      const stranger = hiding.person({ phoneNumber })
      await stranger.startRecovery()
      const { expires } = await (await stranger.sendCode()).json()
      expect(Math.abs(expires - Date.now() - 900_000)).toBeLessThan(10_000)
    }
  })

  test.each([
    ['a new key comes second', [oldKey, newKey]],
    ['a new key comes first', [newKey, oldKey]],
  ])('while %s, the waits of numbers with and without an account go on', async (_, ring) => {
    hiding.services.blindIndex = createBlindIndex([oldKey])
    const ada = hiding.person()
    await ada.signUp()
    const nobody = hiding.person()
    for (const { phoneNumber } of [ada, nobody]) expect((await recoveryWait(phoneNumber))[0]).toBe(201)
    hiding.services.blindIndex = createBlindIndex(ring as [RingKey, ...RingKey[]])
    for (const { phoneNumber } of [ada, nobody]) {
      const [status, seconds] = await recoveryWait(phoneNumber)
      expect(status).toBe(429)
      expect(Math.abs((seconds ?? 0) - 120)).toBeLessThan(20)
    }
  })
})

describe('OTP_RESEND_WAITS and OTP_TRIES', async () => {
  const other = await openWorld({
    services: { passwords: plainPasswords },
    env: { OTP_RESEND_WAITS: '7', OTP_LIFETIME: '30', OTP_TRIES: '1' },
  })

  test('say how long to wait, how long a code lives and how often it may be tried', async () => {
    const ada = other.person()
    await ada.startSignUp()
    for (let round = 0; round < 3; round++) {
      const { expires } = await (await ada.sendCode()).json()
      expect(Math.abs(expires - Date.now() - 7000)).toBeLessThan(5000)
      expect((await ada.sendCode()).headers.get('Retry-After')).toMatch(/^[1-7]$/)
      expect((await ada.enterCode('000000')).status).toBe(403)
      expect((await ada.enterCode()).status).toBe(403)
      await other.passTime(7)
    }
    await ada.sendCode()
    await other.passTime(31)
    expect((await ada.enterCode()).status).toBe(403)
  })
})
