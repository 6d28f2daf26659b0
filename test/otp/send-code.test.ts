import { afterEach, describe, expect, test } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })

afterEach(() => {
  world.phone.failure = undefined
})

async function signingUp(options: { phoneNumber?: string } = {}): Promise<Person> {
  const ada = world.person(options)
  await ada.startSignUp()
  return ada
}

const sendTo = (person: Person, phone_number: unknown, headers: Record<string, string> = {}) =>
  person.send('POST', `/v2/users/${person.uid}/OTP`, { phone_number }, headers)

test('a code of six digits goes to the number of the session, and the answer tells when the next may be sent', async () => {
  const ada = await signingUp()
  expect(world.phone.messagesTo(ada.phoneNumber)).toEqual([])
  const answer = await ada.sendCode()
  expect(answer.status).toBe(201)
  const { expires } = await answer.json()
  expect(Number.isInteger(expires)).toBe(true)
  expect(Math.abs(expires - Date.now() - 120_000)).toBeLessThan(10_000)
  const [message, ...more] = world.phone.messagesTo(ada.phoneNumber)
  expect(message).toEqual({
    to: ada.phoneNumber,
    code: expect.stringMatching(/^\d{6}$/),
    purpose: 'signup',
    language: 'en',
    sentAt: expect.any(Number),
  })
  expect(more).toEqual([])
})

test('the number may be typed in any way that is the same number', async () => {
  const ada = await signingUp()
  expect((await sendTo(ada, ada.phoneNumber.replace('+', '00 '))).status).toBe(201)
})

test.each(['+237670000001', '12', 'call me', '+19002345678'])(
  'no code is sent to %s, which is not the number of the session',
  async (other) => {
    const ada = await signingUp()
    const sent = world.phone.messages.length
    expect((await sendTo(ada, other)).status).toBe(401)
    expect(world.phone.messages).toHaveLength(sent)
    expect((await ada.sendCode()).status).toBe(201)
  },
)

test('no code is sent without a session, for another user, or for who is signed in', async () => {
  const [ada, bola] = [await signingUp(), await signingUp()]
  const sent = world.phone.messages.length
  expect((await ada.elsewhere().sendCode()).status).toBe(401)
  expect((await ada.send('POST', `/v2/users/${bola.uid}/OTP`, { phone_number: bola.phoneNumber })).status).toBe(401)
  expect((await ada.send('POST', `/v2/users/${bola.uid}/OTP`, { phone_number: ada.phoneNumber })).status).toBe(401)
  expect(world.phone.messages).toHaveLength(sent)
  const chidi = await world.signedUpPerson()
  const sentToChidi = world.phone.messagesTo(chidi.phoneNumber).length
  expect((await chidi.sendCode()).status).toBe(401)
  expect(world.phone.messagesTo(chidi.phoneNumber)).toHaveLength(sentToChidi)
})

test.each([
  ['fr-CM,en;q=0.5', 'fr'],
  ['fa', 'fa'],
  ['es-419', 'es'],
  ['de, en;q=0.1', 'en'],
])('for Accept-Language %s the message is in %s', async (accepted, language) => {
  const ada = await signingUp()
  expect((await sendTo(ada, ada.phoneNumber, { 'Accept-Language': accepted })).status).toBe(201)
  expect(world.phone.messagesTo(ada.phoneNumber)[0]?.language).toBe(language)
})

test('a code for a lost account says so', async () => {
  const ada = world.person()
  await ada.signUp()
  const browser = ada.elsewhere()
  await browser.startRecovery()
  await browser.sendCode()
  expect(world.phone.messagesTo(ada.phoneNumber).map(({ purpose }) => purpose)).toEqual(['signup', 'recovery'])
})

test('of twenty parallel sends one is done', async () => {
  const ada = await signingUp()
  expect(await countStatuses(times(20, () => ada.sendCode()))).toEqual({ 201: 1, 429: 19 })
  expect(world.phone.messagesTo(ada.phoneNumber)).toHaveLength(1)
  expect((await ada.enterCode()).status).toBe(200)
})

test('twenty sessions of one number may send one code between them', async () => {
  const ada = world.person()
  const browsers = times(20, () => ada.elsewhere())
  await Promise.all(browsers.map((browser) => browser.startSignUp()))
  expect(await countStatuses(browsers.map((browser) => browser.sendCode()))).toEqual({ 201: 1, 429: 19 })
  expect(world.phone.messagesTo(ada.phoneNumber)).toHaveLength(1)
})

test('a sign-up and a recovery of one number share its waits', async () => {
  world.services.settings.hideAccounts = true
  const ada = world.person()
  await ada.signUp()
  const again = await signingUp({ phoneNumber: ada.phoneNumber })
  expect(again.uid).not.toBe(ada.uid)
  const recovery = ada.elsewhere()
  await recovery.startRecovery()
  world.services.settings.hideAccounts = false
  expect((await recovery.sendCode()).status).toBe(201)
  expect((await again.sendCode()).status).toBe(429)
})

describe('when the SMS provider is down', () => {
  test('the answer is 503 with Retry-After, and no wait is charged', async () => {
    const ada = await signingUp()
    world.phone.failure = new UnavailableError('SMS', { retryAfterSeconds: 7 })
    const answer: Response = await ada.sendCode()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).toBe('7')
    expect((await ada.sendCode()).status).toBe(503)
    world.phone.failure = undefined
    const { expires } = await (await ada.sendCode()).json()
    expect(expires - Date.now()).toBeLessThan(121_000)
    expect((await ada.enterCode()).status).toBe(200)
  })

  test('no code is right that it did not take: without a wait, they could be guessed without end', async () => {
    const ada = await signingUp()
    world.phone.failure = new UnavailableError('SMS')
    expect((await ada.sendCode()).status).toBe(503)
    const [unsent] = world.phone.unsent.filter(({ to }) => to === ada.phoneNumber)
    expect((await ada.enterCode(unsent?.code)).status).toBe(403)
  })

  test('a later send is not charged either: the next waits as long as it would have', async () => {
    const ada = await signingUp()
    await ada.sendCode()
    await world.passTime(121)
    world.phone.failure = new UnavailableError('SMS')
    expect((await ada.sendCode()).status).toBe(503)
    world.phone.failure = undefined
    const { expires } = await (await ada.sendCode()).json()
    expect(Math.abs(expires - Date.now() - 300_000)).toBeLessThan(10_000)
  })
})

test('a number that the provider cannot reach is refused with 400, and its wait is charged', async () => {
  const ada = await signingUp()
  world.phone.failure = new RefusedError('bad_request', 'this number cannot receive messages')
  expect((await ada.sendCode()).status).toBe(400)
  expect((await ada.sendCode()).status).toBe(429)
})

test('a session that ends while its code is made gets none, and no wait is charged', async () => {
  const ada = await signingUp()
  const { blindIndex } = world.services
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const { promise: signedOut, resolve: signOut } = Promise.withResolvers<void>()
  world.services.blindIndex = {
    ...blindIndex,
    async all(kind, value) {
      if (kind === 'code') {
        reach()
        await signedOut
      }
      return blindIndex.all(kind, value)
    },
  }
  const sending = ada
    .elsewhere()
    .send('POST', `/v2/users/${ada.uid}/OTP`, { phone_number: ada.phoneNumber }, { Cookie: ada.cookie })
  await reached
  expect((await ada.logOut()).status).toBe(200)
  signOut()
  expect((await sending).status).toBe(401)
  world.services.blindIndex = blindIndex
  expect(world.phone.messagesTo(ada.phoneNumber)).toEqual([])
  const again = await signingUp({ phoneNumber: ada.phoneNumber })
  expect((await again.sendCode()).status).toBe(201)
})

test('sends that race the right code of the one before never fail otherwise', async () => {
  for (let round = 0; round < 5; round++) {
    const ada = await signingUp()
    await ada.sendCode()
    await world.passTime(121)
    const { cookie, lastCode } = ada
    const send = () =>
      ada.elsewhere().send('POST', `/v2/users/${ada.uid}/OTP`, { phone_number: ada.phoneNumber }, { Cookie: cookie })
    const enter = () => ada.elsewhere().send('PUT', '/v2/OTP', { code: lastCode }, { Cookie: cookie })
    const counts = await countStatuses([send(), enter(), send(), enter(), send(), enter()])
    expect(Object.keys(counts).filter((status) => !['200', '201', '401', '403', '429'].includes(status))).toEqual([])
  }
})
