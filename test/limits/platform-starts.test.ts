import { describe, expect, onTestFinished, test } from 'vitest'
import { claimPlatformCode, claimStart } from '../../src/limits/claim-start.ts'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import { type Person, randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const open = (env: Record<string, string>) => openWorld({ sandbox: true, env, services: { passwords: plainPasswords } })

/** The same thing done at once, told its number. */
const numbered = <Result>(count: number, make: (at: number) => Result): Result[] =>
  Array.from({ length: count }, (_, at) => make(at))

const telegramStart = (person: Person, phone_number = randomPhoneNumber()) =>
  person.start('telegram', 'twofactor', { phone_number })

describe("codes that Telegram is asked for, with the waits of this server's own", async () => {
  const world = await open({ TELEGRAM_RESEND_WAITS: '120,300,900,86400', TELEGRAM_NUMBERS_USER_DAILY: '3' })
  const sent = () => world.sandbox.telegram.received.filter(({ method }) => method === 'auth.sendCode').length
  const counts = () => world.sql`select name, key, day_used from limit_counts`

  test('of 60 strangers that a user has it send codes to at once, three get one', async () => {
    const person = await world.signedUpPerson()
    const before = sent()
    expect(await countStatuses(times(60, () => telegramStart(person)))).toEqual({ 200: 3, 429: 57 })
    expect(sent()).toBe(before + 3)
    const rows = await world.sql`select from code_waits where phone_number_index like 'telegram %'`
    expect(rows).toHaveLength(3)

    // Neither another session nor an account made anew with the same number begins with new counts.
    const elsewhere = person.elsewhere()
    await elsewhere.logIn()
    expect((await telegramStart(elsewhere)).status).toBe(429)
    await person.deleteAccount()
    await world.sql`delete from code_waits where phone_number_index not like 'telegram %'`
    const anew = await world.signedUpPerson({ phoneNumber: person.phoneNumber })
    const refused = await telegramStart(anew)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(3600)
    expect(sent()).toBe(before + 3)

    await world.passTime(86_401)
    await anew.logIn()
    expect((await telegramStart(anew)).status).toBe(200)
  })

  test('one number waits 2, 5 and 15 minutes and a day, whoever asks', async () => {
    const target = randomPhoneNumber()
    const people = await Promise.all(times(5, () => world.signedUpPerson()))
    const before = sent()
    expect(await countStatuses(people.map((person) => telegramStart(person, target)))).toEqual({ 200: 1, 429: 4 })
    for (const wait of [120, 300, 900, 86_400]) {
      const answers = await Promise.all(people.map((person) => telegramStart(person, target)))
      for (const { status, headers } of answers) {
        expect(status).toBe(429)
        expect(Number(headers.get('Retry-After'))).toBeLessThanOrEqual(wait)
      }
      await world.passTime(wait + 1)
      if (wait > 3600) await Promise.all(people.map((person) => person.logIn()))
      expect(await countStatuses(people.map((person) => telegramStart(person, target)))).toEqual({ 200: 1, 429: 4 })
    }
    expect(sent()).toBe(before + 5)
  })

  test('what could not reach Telegram counts nowhere; what Telegram refused does', async () => {
    const person = await world.signedUpPerson()
    const target = randomPhoneNumber()
    await world.sql`truncate limit_counts`
    const before = await counts()
    world.sandbox.telegram.next('auth.sendCode', { error: 'INTERNAL', code: 500 })
    expect((await telegramStart(person, target)).status).toBe(503)
    const codes = (rows: readonly { name?: string }[]) => rows.filter(({ name }) => name !== 'platform_starts')
    expect(codes(await counts())).toEqual(codes(before))
    expect((await telegramStart(person, target)).status).toBe(200)
    const other = randomPhoneNumber()
    world.sandbox.telegram.next('auth.sendCode', { error: 'PHONE_NUMBER_INVALID', code: 400 })
    expect((await telegramStart(person, other)).status).toBe(400)
    expect((await telegramStart(person, other)).status).toBe(429)
  })

  test('a number that a user has asked about today is not another one', async () => {
    const person = await world.signedUpPerson()
    const numbers = times(3, () => randomPhoneNumber())
    for (const number of numbers) expect((await telegramStart(person, number)).status).toBe(200)
    await world.passTime(121)
    for (const number of numbers) expect((await telegramStart(person, number)).status).toBe(200)
    expect((await telegramStart(person)).status).toBe(429)
  })
})

test.each([
  ['TELEGRAM_CODES_USER_DAILY', 1],
  ['TELEGRAM_CODES_NETWORK_DAILY', 2],
  ['TELEGRAM_CODES_DAILY', 2],
] as const)('%s holds for codes asked for at once, by several people and two instances', async (setting, people) => {
  const world = await open({ [setting]: '4' })
  const asking = await Promise.all(times(people, () => world.signedUpPerson()))
  const second = openClient(world.databaseUrl, { connections: 5, timeout: 60_000, prepare: true, keepsSockets: true })
  onTestFinished(second.close)
  const other = { ...world.services, db: openDatabase(second.client), request: { id: 'r', network: '192.0.2.0/24' } }
  const claims = numbered(10, (at) =>
    claimPlatformCode(other, { userId: asking[at % people]?.uid ?? '', phoneNumber: randomPhoneNumber() }).then(
      () => true,
      () => false,
    ),
  )
  const requests = numbered(10, (at) => telegramStart(asking[at % people] as Person).then(({ ok }) => ok))
  const done = await Promise.all([...claims, ...requests])
  expect(done.filter(Boolean)).toHaveLength(4)
})

test.each([
  ['PLATFORM_STARTS_USER_HOURLY', 1],
  ['PLATFORM_STARTS_NETWORK_HOURLY', 2],
  ['PLATFORM_STARTS_HOURLY', 2],
] as const)('%s holds for starts of any platform: what is refused asks and stores nothing', async (setting, people) => {
  const world = await open({ [setting]: '4' })
  const starting = await Promise.all(times(people, () => world.signedUpPerson()))
  const second = openClient(world.databaseUrl, { connections: 5, timeout: 60_000, prepare: true, keepsSockets: true })
  onTestFinished(second.close)
  const other = { ...world.services, db: openDatabase(second.client), request: { id: 'r', network: '192.0.2.0/24' } }
  const requestTokens = () =>
    world.sandbox.twitter.received.filter(({ path }) => path === '/oauth/request_token').length
  const claims = numbered(10, (at) =>
    claimStart(other, { userId: starting[at % people]?.uid ?? '' }).then(
      () => true,
      () => false,
    ),
  )
  const requests = numbered(10, (at) =>
    (starting[at % people] as Person).start('twitter', 'oauth').then(({ ok }) => ok),
  )
  const [claimed, started] = [await Promise.all(claims), await Promise.all(requests)]
  expect([...claimed, ...started].filter(Boolean)).toHaveLength(4)
  expect(requestTokens()).toBe(started.filter(Boolean).length)
  const [row] = await world.sql`select count(*)::int as rows from limit_counts where name = 'platform_starts'`
  expect(row?.rows).toBeLessThanOrEqual(people + 2)
  await world.passTime(3601)
  expect((await starting[0]?.start('gmail', 'oauth2'))?.status).toBe(200)
})
