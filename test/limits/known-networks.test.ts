import { describe, expect, test } from 'vitest'
import { settlePasswordTry } from '../../src/accounts/check-password.ts'
import { findUser } from '../../src/accounts/find-user.ts'
import { subjectOfNumber } from '../../src/accounts/password-subject.ts'
import { claimNetworkTry } from '../../src/limits/claim-network-try.ts'
import { claimPasswordTry } from '../../src/limits/claim-password-try.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords }, env: behindProxy })
const wrong = 'a wrong passphrase'
const home = '198.51.100.7'
const abroad = '203.0.113.7'

/** Somebody who signs in at home, as ever. */
async function accountHolder(at = world): Promise<Person> {
  const ada = visitor(at, home)
  await ada.signUp()
  expect((await ada.logIn()).status).toBe(200)
  return ada
}

const from = (address: string, who: Person, at = world) => visitor(at, address, who)

async function block(person: Person, address: string, at = world): Promise<void> {
  expect(await countStatuses(times(5, () => from(address, person, at).logIn(wrong)))).toEqual({ 401: 5 })
  expect((await from(address, person, at).logIn(wrong)).status).toBe(429)
}

test('a stranger who blocks a number keeps its owner out nowhere that the owner signed in before', async () => {
  const ada = await accountHolder()
  for (const wait of [900, 900, 86_400]) {
    await block(ada, abroad)
    expect((await from('198.51.100.200', ada).logIn()).status).toBe(200)
    expect((await from(home, ada).verify()).status).toBe(200)
    expect((await from('192.88.99.1', ada).logIn()).status).toBe(429)
    expect((await from(abroad, ada).logIn()).status).toBe(429)
    await world.passTime(wait)
  }
})

test("the owner's coming and going gives a stranger no more guesses", async () => {
  const ada = await accountHolder()
  await block(ada, abroad)
  for (let visit = 0; visit < 3; visit++) {
    expect((await from(home, ada).logIn()).status).toBe(200)
    expect((await from(abroad, ada).logIn()).status).toBe(429)
    expect((await from('192.88.99.1', ada).logIn()).status).toBe(429)
  }
})

test('a known network has five failures of its own, answered like any blocked try', async () => {
  const ada = await accountHolder()
  await block(ada, abroad)
  const answers = []
  for (let attempt = 0; attempt < 6; attempt++) answers.push(await from(home, ada).logIn(wrong))
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(429))
  expect((await from(home, ada).logIn()).status).toBe(429)
  await world.passTime(900)
  expect((await from(home, ada).logIn()).status).toBe(200)
})

test('no answer tells from which networks an owner comes, or that a number has one', async () => {
  const [ada, nobody] = [await accountHolder(), world.person()]
  const seen = async (person: Person) => {
    const statuses: unknown[] = []
    for (const address of [abroad, home, '192.88.99.1', home, abroad, abroad, home, home, home, home, abroad]) {
      const answer: Response = await from(address, person).logIn(wrong)
      const seconds = answer.headers.get('Retry-After')
      statuses.push([answer.status, seconds && Math.round(Number(seconds) / 100)])
    }
    return statuses
  }
  const known = await seen(ada)
  expect(known).toEqual(await seen(nobody))
  expect(known.filter((each) => String(each).startsWith('401'))).toHaveLength(5)
})

test('a password is looked at for each blocked try, known network or not, until its network is blocked: time tells nothing', async () => {
  const ada = await accountHolder()
  await block(ada, abroad)
  const checked: string[] = []
  world.services.passwords = {
    ...plainPasswords,
    verify: async (password, phc) => {
      checked.push(password)
      return plainPasswords.verify(password, phc)
    },
  }
  const looked = async (address: string, person: Person) => {
    checked.length = 0
    for (let attempt = 0; attempt < 8; attempt++) await from(address, person).logIn(wrong)
    return checked.length
  }
  const nobody = visitor(world, abroad)
  await block(nobody, abroad)
  expect([await looked(home, ada), await looked('192.88.99.1', ada), await looked(home, nobody)]).toEqual([5, 5, 5])
  expect(await looked(abroad, ada)).toBe(0)
  world.services.passwords = plainPasswords
})

test('a network is known for thirty days after the last login', async () => {
  const ada = await accountHolder()
  await world.passTime(29 * 86_400)
  await block(ada, abroad)
  expect((await from(home, ada).logIn()).status).toBe(200)
  await world.passTime(31 * 86_400)
  await block(ada, abroad)
  expect((await from(home, ada).logIn()).status).toBe(429)
})

test('a recovery forgets the networks: whoever came from them may not have been the owner', async () => {
  const ada = await accountHolder()
  const browser = await ada.recovering()
  await browser.finishRecovery('the new passphrase')
  ada.password = 'the new passphrase'
  await block(ada, abroad)
  expect((await from(home, ada).logIn()).status).toBe(429)
})

test('a password change forgets them too', async () => {
  const ada = await accountHolder()
  expect((await ada.changePassword('the new passphrase')).status).toBe(200)
  ada.password = 'the new passphrase'
  await block(ada, abroad)
  expect((await from(home, ada).logIn()).status).toBe(429)
})

test('where no network is known the number alone counts', async () => {
  const ada = visitor(world, '10.0.0.7')
  await ada.signUp()
  await ada.logIn()
  await block(ada, abroad)
  expect((await from('10.0.0.7', ada).logIn()).status).toBe(429)
  expect(
    await world.sql`select network from password_tries where subject = ${ada.uid} and entered_at is not null`,
  ).toEqual([])
})

test('two owners of one network are not seen to share it in a dump', async () => {
  const [ada, bola] = [await accountHolder(), await accountHolder()]
  const rows =
    await world.sql`select network from password_tries where subject in ${world.sql([ada.uid, bola.uid])} and network <> ''`
  expect(rows).toHaveLength(2)
  expect(rows[0]?.network).not.toBe(rows[1]?.network)
})

describe('LOGIN_CEILING', async () => {
  const other = await openWorld({
    services: { passwords: plainPasswords },
    env: { ...behindProxy, LOGIN_CEILING: '6' },
  })

  test('of failures over all known networks ends what is theirs for a day, parallel ones too', async () => {
    const ada = await accountHolder(other)
    const homes = [0, 1, 2, 3].map((network) => `198.18.${network}.7`)
    for (const address of homes) expect((await from(address, ada, other).logIn()).status).toBe(200)
    await block(ada, abroad, other)
    const guesses = homes.slice(0, 3).flatMap((address) => times(3, () => from(address, ada, other).logIn(wrong)))
    expect(await countStatuses(guesses)).toEqual({ 429: 9 })
    const [ceiling] = await other.sql`select day_used from limit_counts where name = 'passwords past a block'`
    expect(ceiling).toEqual({ day_used: 6 })
    expect((await from(homes[3] ?? '', ada, other).logIn()).status).toBe(429)
    await other.passTime(86_400)
    expect((await from(homes[3] ?? '', ada, other).logIn()).status).toBe(200)
  })
})

test('tries and successes of all networks at once never fail otherwise', async () => {
  const ada = await accountHolder()
  const addresses = [home, abroad, '192.88.99.1', '198.18.0.1']
  for (let round = 0; round < 4; round++) {
    const tries = addresses.flatMap((address) =>
      [ada.password, wrong, ada.password, wrong].map((password) => from(address, ada).logIn(password)),
    )
    const counts = await countStatuses(tries)
    expect(Object.keys(counts).filter((status) => !['200', '401', '429'].includes(status))).toEqual([])
    await world.passTime(86_410)
  }
  expect((await from(home, ada).logIn()).status).toBe(200)
})

test('a password that was changed since it was looked up makes no network known', async () => {
  const ada = await accountHolder()
  const services = { ...world.services, request: { id: 'test', network: '203.0.113.0/24' } }
  const known = () => world.sql`select from password_tries where subject = ${ada.uid} and entered_at is not null`
  const user = await findUser(services, ada.uid)
  if (!user) throw new Error('no such user')
  const subject = await subjectOfNumber(services, ada.phoneNumber)
  const network = await claimNetworkTry(services, { isHuman: false })
  const tried = await claimPasswordTry(services, { subject, userId: ada.uid }, network)
  expect(await settlePasswordTry(services, { ...user, passwordHash: 'an older one' }, tried)).toBeUndefined()
  expect(await known()).toHaveLength(1)
  expect(await settlePasswordTry(services, user, tried)).toEqual(user)
  expect(await known()).toHaveLength(2)
})
