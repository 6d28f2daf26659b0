import { afterAll, describe, expect, test } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import { twilioVerifySender } from '../../src/sms/twilio-verify.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { twilioServer } from '../support/twilio-server.ts'
import { openWorld } from '../support/world.ts'

const later: (() => Promise<void>)[] = []
const world = await openWorld({
  services: { passwords: plainPasswords, background: (work) => void later.push(work) },
  env: { HIDE_ACCOUNTS: 'true' },
})

async function recovering(person: Person): Promise<Person> {
  const browser = person.elsewhere()
  await browser.startRecovery()
  later.length = 0
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
  expect(later).toHaveLength(1)
  await later[0]?.()
  expect(world.phone.messages).toHaveLength(before + 1)
  expect((await browser.enterCode()).status).toBe(200)

  const decoy = await recovering(nobody)
  expect((await decoy.sendCode()).status).toBe(201)
  expect(later).toHaveLength(1)
  await later[0]?.()
  expect(world.phone.messages).toHaveLength(before + 1)
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
    await later[0]?.().catch(() => undefined)
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
  const afterwards: (() => Promise<void>)[] = []
  const other = await openWorld({
    services: { passwords: plainPasswords, codeSender: sender, background: (work) => void afterwards.push(work) },
    env: { HIDE_ACCOUNTS: 'true' },
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
    afterwards.length = 0
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
      await afterwards[0]?.()
      expect(twilio.received.length - before).toBe(person === ada ? 1 : 0)
      expect(await wrongCode(browser)).toEqual({ status: 403, asked: 1 })
    }
  })

  test('that it is down is no difference', async () => {
    for (const person of [ada, other.person()]) {
      const browser = await recovering(person)
      expect((await browser.sendCode()).status).toBe(201)
      twilio.fault = 'status 500'
      await afterwards[0]?.().catch(() => undefined)
      expect(await wrongCode(browser)).toEqual({ status: 503, asked: 1 })
      twilio.fault = undefined
      expect(await wrongCode(browser)).toEqual({ status: 403, asked: 1 })
    }
  })
})
