import { afterAll, describe, expect, test } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import { runHiddenSends } from '../../src/otp/hidden-sends.ts'
import { twilioVerifySender } from '../../src/sms/twilio-verify.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { twilioServer } from '../support/twilio-server.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({
  services: { passwords: plainPasswords },
  env: { HIDE_ACCOUNTS: 'true', ...behindProxy },
  runsHiddenSends: false,
})
const sendHidden = () => runHiddenSends(world.services)
const stored = () => world.sql`select only_known, attempts from hidden_sends`

async function recovering(person: Person): Promise<Person> {
  const browser = person.elsewhere()
  await browser.startRecovery()
  return browser
}

async function someone(): Promise<Person> {
  const ada = world.person()
  await ada.signUp()
  return ada
}

test('the answer comes before a code for a lost account is sent, and as much work is left for a decoy', async () => {
  const [ada, nobody] = [await someone(), world.person()]
  const browser = await recovering(ada)
  const before = world.phone.messages.length
  expect((await browser.sendCode()).status).toBe(201)
  expect(world.phone.messages).toHaveLength(before)
  expect(await stored()).toHaveLength(1)
  expect(await sendHidden()).toBe(1)
  expect(await stored()).toEqual([])
  expect(world.phone.messages).toHaveLength(before + 1)
  expect((await browser.enterCode()).status).toBe(200)

  const decoy = await recovering(nobody)
  expect((await decoy.sendCode()).status).toBe(201)
  expect(await sendHidden()).toBe(1)
  expect(await stored()).toEqual([])
  expect(world.phone.messages).toHaveLength(before + 1)
})

test('a decoy costs the database what a code costs it', async () => {
  const statements: string[] = []
  const seen = await openWorld({
    services: { passwords: plainPasswords },
    env: { HIDE_ACCOUNTS: 'true' },
    runsHiddenSends: false,
    onStatement: (text) => statements.push(text),
  })
  const known = seen.person()
  await known.signUp()
  const costs = []
  for (const person of [known, seen.person()]) {
    const browser = person.elsewhere()
    await browser.startRecovery()
    await browser.sendCode()
    statements.length = 0
    await runHiddenSends(seen.services)
    costs.push([...statements])
  }
  expect(costs[0]).toEqual(costs[1])
})

test('the number stands in the row sealed, and a send whose runner died is done by another', async () => {
  const browser = await recovering(await someone())
  await browser.sendCode()
  const [row] = await world.sql`select * from hidden_sends`
  expect(JSON.stringify(row)).not.toContain(browser.phoneNumber.slice(4))
  await world.sql`update hidden_sends set attempts = 1, next_attempt_at = now() + interval '60 seconds'`
  expect(await sendHidden()).toBe(0)
  await world.passTime(61)
  expect(await sendHidden()).toBe(1)
  expect((await browser.enterCode()).status).toBe(200)
})

test('of instances that look for it at once one sends it', async () => {
  const browser = await recovering(await someone())
  const before = world.phone.messages.length
  await browser.sendCode()
  const done = await Promise.all(Array.from({ length: 8 }, sendHidden))
  expect(done.reduce((sum, one) => sum + one)).toBe(1)
  expect(world.phone.messages).toHaveLength(before + 1)
})

test('a provider that comes back sends it after all; one that stays away is asked three times', async () => {
  const browser = await recovering(await someone())
  world.phone.failure = new UnavailableError('SMS')
  await browser.sendCode()
  await sendHidden()
  world.phone.failure = undefined
  await world.passTime(16)
  await sendHidden()
  expect((await browser.enterCode()).status).toBe(200)
  const other = await recovering(await someone())
  world.phone.failure = new UnavailableError('SMS')
  await other.sendCode()
  const unsentBefore = world.phone.unsent.length
  for (let round = 0; round < 6; round++) {
    await sendHidden()
    await world.passTime(60)
  }
  world.phone.failure = undefined
  expect(world.phone.unsent.length - unsentBefore).toBe(3)
  expect(await stored()).toEqual([])
})

test('no code goes to a recovery that has ended, or is proved, or was sent a newer one', async () => {
  const ada = await someone()
  const browser = await recovering(ada)
  await browser.sendCode()
  expect((await browser.logOut()).status).toBe(200)
  const before = world.phone.messages.length
  expect(await sendHidden()).toBe(1)
  expect(world.phone.messages).toHaveLength(before)
})

/** What a stranger is answered who asks for a code again and again, for a day. */
async function exhaust(address: string, person: Person) {
  const stranger = visitor(world, address, { phoneNumber: person.phoneNumber })
  await stranger.startRecovery()
  const seen: unknown[] = []
  for (const wait of [121, 301, 901, 10, 10]) {
    const answer: Response = await stranger.sendCode()
    seen.push([answer.status, Math.round(Number(answer.headers.get('Retry-After')) / 100)])
    await world.passTime(wait)
    await sendHidden()
  }
  return seen
}

test('from a known network the owner is sent a code though strangers used the waits up, and nobody sees from where', async () => {
  const ada = visitor(world, '198.51.100.7')
  await ada.signUp()
  await ada.logIn()
  const nobody = world.person()
  expect(await exhaust('203.0.113.5', ada)).toEqual(await exhaust('203.0.113.6', nobody))
  const ask = async (person: Person, address: string) => {
    const browser = visitor(world, address, { phoneNumber: person.phoneNumber })
    await browser.startRecovery()
    const before = world.phone.messages.length
    const answer: Response = await browser.sendCode()
    await sendHidden()
    return { browser, status: answer.status, sent: world.phone.messages.length - before }
  }
  expect(await ask(nobody, '198.51.100.8')).toMatchObject({ status: 429, sent: 0 })
  expect(await ask(ada, '192.0.3.9')).toMatchObject({ status: 429, sent: 0 })
  const home = await ask(ada, '198.51.100.9')
  expect(home).toMatchObject({ status: 429, sent: 1 })
  expect((await home.browser.enterCode()).status).toBe(200)
  expect((await home.browser.finishRecovery('a passphrase after the flood')).status).toBe(200)
})

test('a code for a sign-up is sent before the answer, whose sender may be told of a failure', async () => {
  const ada = world.person()
  await ada.startSignUp()
  world.phone.failure = new UnavailableError('SMS')
  expect((await ada.sendCode()).status).toBe(503)
  world.phone.failure = undefined
})

test.each([
  ['is down', new UnavailableError('SMS')],
  ['cannot reach the number', new RefusedError('bad_request', 'the number cannot receive messages')],
])('a provider that %s is no difference between a known and an unknown number', async (_, failure) => {
  const seen = async (person: Person) => {
    const browser = await recovering(person)
    world.phone.failure = failure
    const statuses = [(await browser.sendCode()).status]
    await sendHidden()
    statuses.push((await browser.sendCode()).status, (await browser.enterCode('000000')).status)
    world.phone.failure = undefined
    return statuses
  }
  expect(await seen(await someone())).toEqual([201, 429, 403])
  expect(await seen(world.person())).toEqual([201, 429, 403])
})

describe('where a provider checks the codes', async () => {
  const twilio = await twilioServer()
  afterAll(() => twilio.close())
  const sender = twilioVerifySender({ ...twilio.account, baseUrl: twilio.url })
  const other = await openWorld({
    services: { passwords: plainPasswords, codeSender: sender },
    env: { HIDE_ACCOUNTS: 'true' },
    runsHiddenSends: false,
  })
  const ada = other.person()
  await ada.startSignUp()
  await ada.sendCode()
  await ada.enterCode(twilio.codeFor(ada.phoneNumber))
  await ada.finishSignUp()

  async function recovering(person: Person): Promise<Person> {
    await other.passTime(100_000)
    const browser = person.elsewhere()
    await browser.startRecovery()
    return browser
  }
  /** What a wrong code is answered, and how often the provider was asked. */
  async function wrongCode(browser: Person): Promise<{ status: number; asked: number }> {
    const before = twilio.received.length
    const { status } = await browser.enterCode('000000')
    return { status, asked: twilio.received.length - before }
  }

  test('it is asked about a decoy’s too, before and after the code is sent', async () => {
    for (const person of [ada, other.person()]) {
      const browser = await recovering(person)
      expect((await browser.sendCode()).status).toBe(201)
      expect(await wrongCode(browser)).toEqual({ status: 403, asked: 1 })
      const before = twilio.received.length
      await runHiddenSends(other.services)
      expect(twilio.received.length - before).toBe(person === ada ? 1 : 0)
      expect(await wrongCode(browser)).toEqual({ status: 403, asked: 1 })
    }
  })

  test('that it is down is no difference', async () => {
    for (const person of [ada, other.person()]) {
      const browser = await recovering(person)
      expect((await browser.sendCode()).status).toBe(201)
      twilio.fault = 'status 500'
      await runHiddenSends(other.services)
      expect(await wrongCode(browser)).toEqual({ status: 503, asked: 1 })
      twilio.fault = undefined
      expect(await wrongCode(browser)).toEqual({ status: 403, asked: 1 })
    }
  })
})
