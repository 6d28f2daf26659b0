import { expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

/** Of a provider that makes and checks the codes itself. */
const right = '123456'
let down = false
const checked: string[] = []
const sender = {
  send: async () => ({ reference: 'VE1' }),
  async check(reference: string, code: string) {
    checked.push(`${reference} ${code}`)
    if (down) throw new UnavailableError('SMS')
    return code === right
  },
}
const world = await openWorld({ services: { codeSender: sender, passwords: plainPasswords } })

/** Somebody who was sent a code. */
async function waiting(): Promise<Person> {
  const ada = world.person()
  await ada.startSignUp()
  await ada.sendCode()
  return ada
}

const enter = (person: Person, code: string) => person.send('PUT', '/v2/OTP', { code }, { Cookie: person.cookie })

test('the provider is asked for each of five tries and no more', async () => {
  const ada = await waiting()
  checked.length = 0
  expect(await countStatuses(times(20, () => enter(ada, '654321')))).toEqual({ 403: 20 })
  expect(checked).toEqual(Array(5).fill('VE1 654321'))
  expect((await enter(ada, right)).status).toBe(403)
})

test('a code that the provider says is right is taken from one of parallel tries', async () => {
  const ada = await waiting()
  const counts = await countStatuses(times(5, () => enter(ada, right)))
  expect(counts[200]).toBe(1)
})

test('while the provider is down the answer is 503, and the code lives', async () => {
  const ada = await waiting()
  down = true
  expect((await enter(ada, right)).status).toBe(503)
  down = false
  expect((await enter(ada, right)).status).toBe(200)
})

test('the provider is not asked before a code was sent', async () => {
  const ada = world.person()
  await ada.startSignUp()
  checked.length = 0
  expect((await enter(ada, right)).status).toBe(403)
  expect(checked).toEqual([])
})
