import { describe, expect, test } from 'vitest'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { countStatuses } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

describe.each([
  'a number with an account',
  'with HIDE_ACCOUNTS a number with one',
  'with HIDE_ACCOUNTS a number without',
])('of %s', async (which) => {
  const hides = which.startsWith('with')
  const world = await openWorld({
    services: { passwords: plainPasswords },
    env: { ...behindProxy, ...(hides && { HIDE_ACCOUNTS: 'true' }) },
  })

  async function somebody(): Promise<Person> {
    const ada = world.person()
    if (!which.endsWith('without')) await ada.signUp()
    await world.sql`truncate code_waits`
    return ada
  }
  /** A recovery begun from an address. */
  async function begin(ada: Person, address = '198.51.100.7'): Promise<Person> {
    const browser = visitor(world, address, ada)
    expect((await browser.startRecovery()).status).toBe(200)
    return browser
  }
  /** 403: it lives, and is not proved. */
  const isLive = async (browser: Person) => (await browser.enterCode('000000')).status === 403
  const lives = async (...browsers: Person[]) => {
    const seen = []
    for (const browser of browsers) seen.push(await isLive(browser))
    return seen
  }
  const stored = async () => {
    const [row] = await world.sql`
        select (select count(*)::int from sessions where purpose = 'recovery') as sessions,
          (select count(*)::int from recovery_slots) as slots`
    return row
  }

  const networks = Array.from({ length: 30 }, (_, n) => `198.51.${n}.7`)

  test('three recoveries live, of however many are begun at once', async () => {
    const ada = await somebody()
    const begun = await countStatuses(networks.map((address) => visitor(world, address, ada).startRecovery()))
    expect(begun).toEqual({ 200: 30 })
    expect(await stored()).toEqual({ sessions: 3, slots: 3 })
  })

  test('the oldest makes room', async () => {
    const ada = await somebody()
    const browsers = []
    for (const address of ['198.51.100.7', '203.0.113.7', '192.88.99.7', '198.18.0.7'])
      browsers.push(await begin(ada, address))
    expect(await lives(...browsers)).toEqual([false, true, true, true])
  })

  test('one network makes room for its own, not at the cost of others', async () => {
    const ada = await somebody()
    const elsewhere = [await begin(ada, '203.0.113.7'), await begin(ada, '192.88.99.7')]
    const [first, ...more] = [await begin(ada), await begin(ada), await begin(ada)]
    expect(await lives(...elsewhere, first as Person, ...more)).toEqual([true, true, false, false, true])
  })

  test('one that a code was sent for is not replaced while that code lives, and afterwards is', async () => {
    const ada = await somebody()
    const browser = await begin(ada)
    expect((await browser.sendCode()).status).toBe(201)
    for (const _ of [1, 2, 3, 4, 5]) await begin(ada)
    expect(await isLive(browser)).toBe(true)
    await world.passTime(601)
    await begin(ada)
    expect(await isLive(browser)).toBe(false)
  })

  test('slots go after a day', async () => {
    await begin(await somebody())
    await world.passTime(86_401)
    await purgeExpired(world.services)
    expect(await stored()).toEqual({ sessions: 0, slots: 0 })
  })
})
