import { expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

/** Every row of every table. */
async function countRows(at = world): Promise<Record<string, number>> {
  const tables = await at.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await at.sql`select count(*)::int as rows from ${at.sql(name)}`
    counts[name] = row?.rows
  }
  return counts
}

async function spend(address: string, at = world): Promise<void> {
  await Promise.all(times(10, () => visitor(at, address).logIn('wrong')))
  expect((await visitor(at, address).logIn('wrong')).status).toBe(429)
}

const world = await openWorld({
  env: { ...behindProxy, LOGIN_NETWORK_TRIES: '10' },
  services: { passwords: plainPasswords },
})

test('a network may have ten passwords looked at, whomever they are about; then only others may', async () => {
  const tries = Array.from({ length: 40 }, () => visitor(world, '198.51.100.7').logIn('wrong'))
  expect(await countStatuses(tries)).toEqual({ 401: 10, 429: 30 })
  const refused = await visitor(world, '198.51.100.9').logIn('wrong')
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(890)
  expect((await visitor(world, '198.51.100.200').startSignUp()).status).toBe(200)
  const byUid = await visitor(world, '198.51.100.8', { uid: crypto.randomUUID() }).verify('wrong')
  expect(byUid.status).toBe(429)
  expect((await visitor(world, '203.0.113.7').logIn('wrong')).status).toBe(401)

  await world.passTime(901)
  expect((await visitor(world, '198.51.100.7').logIn('wrong')).status).toBe(401)
})

test('right passwords do not use it up', async () => {
  const ada = visitor(world, '192.88.99.7')
  await ada.signUp()
  for (let login = 0; login < 20; login++) expect((await ada.logIn()).status).toBe(200)
})

test('a number whose network has none left loses no try of its own', async () => {
  const ada = visitor(world, '100.20.0.1')
  await ada.signUp()
  await Promise.all(Array.from({ length: 12 }, () => visitor(world, '100.20.0.9').logIn('wrong')))
  const kept = Array.from({ length: 4 }, () => ada.logIn('wrong'))
  expect(await countStatuses(kept)).toEqual({ 429: 4 })
  const elsewhere = visitor(world, '100.30.0.1', ada)
  for (let attempt = 0; attempt < 5; attempt++) expect((await elsewhere.logIn('wrong')).status).toBe(401)
  expect((await elsewhere.logIn('wrong')).status).toBe(429)
})

test('beyond it tries on other numbers and uids leave one audit row an hour and no other, and no password is hashed', async () => {
  await spend('100.40.0.1')
  let hashed = 0
  world.services.passwords = {
    ...plainPasswords,
    verify: async () => {
      hashed++
      return false
    },
  }
  const before = await countRows()
  const tries = times(60, () => visitor(world, '100.40.0.9').logIn('wrong'))
  const byUid = times(60, () => visitor(world, '100.40.0.9', { uid: crypto.randomUUID() }).verify('wrong'))
  expect(await countStatuses([...tries, ...byUid])).toEqual({ 429: 120 })
  expect(await countRows()).toEqual(before)
  await world.passTime(3601)
  await spend('100.40.0.1')
  expect(hashed).toBe(10)
  world.services.passwords = plainPasswords
  const blocks = await world.sql`
    select about, user_id, phone_number_index from audit_events where outcome = 'blocked' and network = '100.40.0.0/24'`
  expect(blocks).toEqual(Array(2).fill({ about: 'network', user_id: null, phone_number_index: null }))
})

test('who signed in from the network before still may, and nobody sees there who that is', async () => {
  const ada = visitor(world, '100.50.0.1')
  await ada.signUp()
  await ada.logIn()
  await spend('100.50.0.9')
  const before = await countRows()
  for (let login = 0; login < 3; login++) expect((await ada.elsewhere().logIn()).status).toBe(200)
  expect((await ada.verify()).status).toBe(200)
  expect((await visitor(world, '100.60.0.1', ada).logIn()).status).toBe(200)

  const stranger = visitor(world, '100.50.0.9', ada)
  const seen = async (answer: Response) => {
    const body = (await answer.text()).replace(/"(request_id|retry_after_seconds)":[^,}]*/g, '$1')
    return [answer.status, body, answer.headers.get('Retry-After')]
  }
  const [known, unknown] = [await stranger.logIn('wrong'), await visitor(world, '100.50.0.9').logIn('wrong')]
  const [status, body, seconds] = await seen(known)
  const [otherStatus, otherBody, otherSeconds] = await seen(unknown)
  expect([status, body]).toEqual([otherStatus, otherBody])
  expect(Math.abs(Number(seconds) - Number(otherSeconds))).toBeLessThan(5)
  expect((await countRows()).password_tries).toBe((before.password_tries ?? 0) + 1)

  const guesses = times(60, () => stranger.logIn('wrong'))
  expect(await countStatuses(guesses)).toEqual({ 429: 60 })
  const [past] =
    await world.sql`select max(day_used)::int as used from limit_counts where name = 'passwords past a block'`
  expect(past).toEqual({ used: world.services.settings.logins.ceiling })
  expect((await ada.elsewhere().logIn()).status).toBe(429)
  expect((await visitor(world, '100.60.0.1', ada).logIn()).status).toBe(200)
})

test('whoever is signed in there may end what is theirs', async () => {
  const ada = visitor(world, '100.70.0.1')
  await ada.signUp()
  await ada.logIn()
  await spend('100.70.0.9')
  expect((await ada.changePassword('the new passphrase')).status).toBe(200)
  ada.password = 'the new passphrase'
  expect((await ada.deleteAccount()).status).toBe(200)
})

test('a count that is back at none leaves no row', async () => {
  const ada = visitor(world, '100.80.0.1')
  await ada.signUp()
  await countStatuses(times(3, () => ada.elsewhere().logIn('wrong')))
  await Promise.all(times(5, () => ada.elsewhere().logIn()))
  const subject = await world.services.blindIndex.of('phone number', ada.phoneNumber)
  expect(await world.sql`select from password_tries where subject = ${subject}`).toEqual([])
})

test('LOGIN_NETWORK_DAILY bounds a day of them', async () => {
  const other = await openWorld({
    env: { ...behindProxy, LOGIN_NETWORK_TRIES: '10', LOGIN_NETWORK_DAILY: '25' },
    services: { passwords: plainPasswords },
  })
  const tried = () => countStatuses(times(12, () => visitor(other, '198.51.100.7').logIn('wrong')))
  expect(await tried()).toEqual({ 401: 10, 429: 2 })
  await other.passTime(901)
  expect(await tried()).toEqual({ 401: 10, 429: 2 })
  await other.passTime(901)
  expect(await tried()).toEqual({ 401: 5, 429: 7 })
  await other.passTime(86_400)
  expect(await tried()).toEqual({ 401: 10, 429: 2 })
})

test('clients whose network is not known share LOGIN_HOURLY and LOGIN_DAILY', async () => {
  const other = await openWorld({
    env: { ...behindProxy, LOGIN_HOURLY: '4', LOGIN_DAILY: '6' },
    services: { passwords: plainPasswords },
  })
  const tried = () => countStatuses(times(8, () => visitor(other, '10.0.0.7').logIn('wrong')))
  expect(await tried()).toEqual({ 401: 4, 429: 4 })
  expect((await visitor(other, '198.51.100.7').logIn('wrong')).status).toBe(401)
  await other.passTime(3601)
  expect(await tried()).toEqual({ 401: 2, 429: 6 })
})

test('with a solved captcha a network has CAPTCHA_FACTOR times more; by uid, where none is asked for, it has not', async () => {
  const other = await openWorld({
    env: { ...behindProxy, LOGIN_NETWORK_TRIES: '10', CAPTCHA_FACTOR: '2' },
    services: { passwords: plainPasswords, captcha: { check: async () => true } },
  })
  const solved = () =>
    visitor(other, '198.51.100.7').send('POST', '/v2/login', {
      phone_number: randomPhoneNumber(),
      password: 'wrong',
      captcha_token: 'a solved captcha',
    })
  expect(await countStatuses(times(40, solved))).toEqual({ 401: 30, 429: 10 })
  const byUid = visitor(other, '198.51.100.7', { uid: crypto.randomUUID() })
  expect((await byUid.verify('wrong')).status).toBe(429)
})
