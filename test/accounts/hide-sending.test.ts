import { expect, test } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import type { CodeMessage } from '../../src/sms/code-sender.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
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
    statuses.push((await browser.sendCode()).status, (await browser.enterCode('wrong!')).status)
    world.phone.failure = undefined
    return statuses
  }
  expect(await seen(await someone())).toEqual([201, 429, 403])
  expect(await seen(world.person())).toEqual([201, 429, 403])
})

test('a provider that checks the codes is asked about a decoy’s too', async () => {
  const asked: string[] = []
  let sent = 0
  const codeSender = {
    send: async (_: CodeMessage) => ({ reference: `VE${++sent}` }),
    check: async (reference: string) => {
      asked.push(reference)
      return false
    },
    decoyReference: () => 'VE of nobody',
  }
  const other = await openWorld({
    services: { passwords: plainPasswords, codeSender },
    env: { HIDE_ACCOUNTS: 'true' },
  })
  const nobody = other.person()
  await nobody.startRecovery()
  await nobody.sendCode()
  expect((await nobody.enterCode('123456')).status).toBe(403)
  expect(asked).toEqual(['VE of nobody'])
  expect(sent).toBe(0)
})
