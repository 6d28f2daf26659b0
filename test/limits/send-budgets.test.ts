import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const open = (env: Record<string, string>) =>
  openWorld({ services: { passwords: plainPasswords }, env: { ...behindProxy, DATABASE_POOL: '5', ...env } })

const cameroon = () => `+23767${String(randomInt(10_000_000)).padStart(7, '0')}`
const nigeria = () => `+234803${String(randomInt(10_000_000)).padStart(7, '0')}`
let hosts = 0
/** In a network of its own. */
const anywhere = () => `203.${(hosts++ >> 8) % 256}.${hosts % 256}.7`

type World = Awaited<ReturnType<typeof open>>

async function ready(world: World, address: string, phoneNumber = cameroon()): Promise<Person> {
  const person = visitor(world, address, { phoneNumber })
  await person.startSignUp()
  return person
}

async function send(world: World, address: string, phoneNumber = cameroon()): Promise<Response> {
  return (await ready(world, address, phoneNumber)).sendCode()
}

async function prove(world: World, address: string, phoneNumber = cameroon()): Promise<void> {
  const person = await ready(world, address, phoneNumber)
  expect((await person.sendCode()).status).toBe(201)
  expect((await person.enterCode()).status).toBe(200)
}

const decisions = (world: World) =>
  world.sql`select country, network, count(*)::int as sent, count(verified_at)::int as entered
    from send_decisions where outcome = 'allowed' group by 1, 2 order by 1, 2`
const denials = (world: World) =>
  world.sql`select network, country, reason, attempts from send_denials order by 1, 2, 3`

test('of fifty parallel sends from one network over a limit of ten, ten are done', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '10' })
  const people = await Promise.all(times(50, () => ready(world, `198.51.100.${randomInt(256)}`)))
  expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 201: 10, 429: 40 })
  expect(world.phone.messages).toHaveLength(10)
  expect((await send(world, '198.51.101.1')).status).toBe(201)
  expect(await decisions(world)).toEqual([
    { country: 'CM', network: '198.51.100.0/24', sent: 10, entered: 0 },
    { country: 'CM', network: '198.51.101.0/24', sent: 1, entered: 0 },
  ])
  expect(await denials(world)).toEqual([
    { network: '198.51.100.0/24', country: 'CM', reason: 'network_budget', attempts: 40 },
  ])
})

test.each(['SMS_DAILY', 'SMS_HOURLY'])(
  'of fifty parallel sends over a %s of ten for all, ten are done, whatever their countries and networks',
  async (limit) => {
    const world = await open({ [limit]: '10' })
    const people = await Promise.all(
      times(50, () => ready(world, anywhere(), randomInt(2) === 0 ? cameroon() : nigeria())),
    )
    expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 201: 10, 429: 40 })
    expect(world.phone.messages).toHaveLength(10)
  },
)

test('of fifty parallel sends over a limit of ten to one country, ten are done; other countries are sent to', async () => {
  const world = await open({ SMS_COUNTRY_DAILY_FLOOR: '10' })
  const people = await Promise.all(times(50, () => ready(world, anywhere())))
  expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 201: 10, 429: 40 })
  expect((await send(world, anywhere(), nigeria())).status).toBe(201)
})

test('an IPv6 network is 48 bits, and an inner network is nobody', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '1' })
  expect((await send(world, '2a00:1450:4001::1')).status).toBe(201)
  expect((await send(world, '2a00:1450:4001:ffff::2')).status).toBe(429)
  expect((await send(world, '2a00:1450:4002::1')).status).toBe(201)
  expect((await send(world, '::ffff:203.0.113.9')).status).toBe(201)
  expect((await send(world, '203.0.113.200')).status).toBe(429)
  for (const address of ['10.1.2.3', '10.1.2.4', '127.0.0.1', '127.0.0.1', 'fd00::1', 'fd00::2'])
    expect([address, (await send(world, address)).status]).toEqual([address, 201])
})

test('what was refused is refused until the oldest send is a day old, as Retry-After says, and costs the number no wait', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '2' })
  const address = anywhere()
  await send(world, address)
  await world.passTime(3600)
  await send(world, address)
  const late = await ready(world, address)
  const answer: Response = await late.sendCode()
  expect(answer.status).toBe(429)
  const seconds = Number(answer.headers.get('Retry-After'))
  expect(Math.abs(seconds - 23 * 3600)).toBeLessThan(60)
  expect((await (await ready(world, anywhere(), late.phoneNumber)).sendCode()).status).toBe(201)
  await world.passTime(seconds)
  expect((await send(world, address)).status).toBe(201)
  expect((await send(world, address)).status).toBe(429)
})

test('codes that were entered weigh on no budget of those that were not, but on the limit for all', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '2', SMS_COUNTRY_DAILY_FLOOR: '2', SMS_DAILY: '8' })
  const office = anywhere()
  for (let person = 0; person < 6; person++) await prove(world, office)
  expect((await send(world, office)).status).toBe(201)
  expect((await send(world, office)).status).toBe(201)
  expect((await send(world, anywhere(), nigeria())).status).toBe(429)
  expect(await denials(world)).toMatchObject([{ country: 'NG', reason: 'global_budget' }])
})

test("a country's budget grows with the codes entered there in two weeks, and shrinks back", async () => {
  const world = await open({ SMS_COUNTRY_DAILY_FLOOR: '1' })
  await world.sql`
    insert into send_decisions (country, phone_number_index, outcome, verified_at)
    select 'CM', 'n' || n, 'allowed', now() from generate_series(1, 42) as n`
  await world.passTime(2 * 86_400)
  const answers = times(8, () => send(world, anywhere()))
  expect(await countStatuses(answers)).toEqual({ 201: 4, 429: 4 })
  expect(await countStatuses(times(3, () => send(world, anywhere(), nigeria())))).toEqual({ 201: 1, 429: 2 })
  await world.passTime(13 * 86_400)
  expect(await countStatuses(times(3, () => send(world, anywhere())))).toEqual({ 201: 1, 429: 2 })
})

test('a right code redeems the sends to its number, also those before it, and no others', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '3' })
  const address = anywhere()
  const ada = await ready(world, address)
  await ada.sendCode()
  await world.passTime(121)
  await ada.sendCode()
  await send(world, address)
  expect((await send(world, address)).status).toBe(429)
  await ada.enterCode()
  expect(await countStatuses(times(4, () => send(world, address)))).toEqual({ 201: 2, 429: 2 })
})

test('a send that the provider could not take weighs on nothing', async () => {
  const world = await open({ SMS_DAILY: '1' })
  const ada = await ready(world, anywhere())
  world.phone.failure = new UnavailableError('SMS')
  for (let attempt = 0; attempt < 3; attempt++) expect((await ada.sendCode()).status).toBe(503)
  world.phone.failure = undefined
  expect((await ada.sendCode()).status).toBe(201)
})

test('denials of an hour are one row for a network, country and reason, and one line of the log, whatever numbers they are about', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '1' })
  const address = anywhere()
  const ada = await ready(world, address)
  await ada.sendCode()
  const logged = world.logged.length
  for (let attempt = 0; attempt < 20; attempt++) expect((await ada.sendCode()).status).toBe(429)
  const people = await Promise.all(
    Array.from({ length: 30 }, (_, n) => ready(world, address, n % 2 === 0 ? cameroon() : nigeria())),
  )
  expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 429: 30 })
  expect(await denials(world)).toMatchObject([
    { country: 'CM', reason: 'network_budget', attempts: 35 },
    { country: 'NG', reason: 'network_budget', attempts: 15 },
  ])
  expect(await world.sql`select outcome from send_decisions`).toEqual([{ outcome: 'allowed' }])
  const lines = world.logged.slice(logged).map((line) => JSON.parse(line))
  expect(lines.filter(({ level, message }) => level !== 'debug' && message === 'code denied')).toHaveLength(2)
})

test('a provider that is away leaves one row, however often it is asked', async () => {
  const world = await open({})
  const ada = await ready(world, anywhere())
  world.phone.failure = new UnavailableError('SMS')
  for (let attempt = 0; attempt < 10; attempt++) expect((await ada.sendCode()).status).toBe(503)
  expect(await world.sql`select from send_decisions`).toHaveLength(0)
  expect(await world.sql`select from code_waits`).toHaveLength(0)
  expect(await denials(world)).toMatchObject([{ reason: 'unsent', attempts: 10 }])
})

/** One SIM: asks for a code, enters it, and again, as soon as its wait is over. */
async function askAndEnter(world: World, address: string, phoneNumber: string, rounds: number): Promise<number> {
  const before = world.phone.messages.length
  for (let round = 0; round < rounds; round++) {
    const person = await ready(world, address, phoneNumber)
    if ((await person.sendCode()).status === 201) await person.enterCode()
    await world.passTime(120)
  }
  return world.phone.messages.length - before
}

test('a number gets ten codes a day, entered or not, and is not forgotten by deleting its account', async () => {
  const world = await open({})
  const number = cameroon()
  expect(await askAndEnter(world, anywhere(), number, 9)).toBe(9)
  const ada = visitor(world, anywhere(), { phoneNumber: number })
  await ada.signUp()
  await ada.logIn()
  expect((await ada.deleteAccount()).status).toBe(200)
  expect(await askAndEnter(world, anywhere(), number, 3)).toBe(0)
  expect(await denials(world)).toMatchObject(times(3, () => ({ reason: 'number_budget', attempts: 1 })))
  await world.passTime(86_400)
  expect(await askAndEnter(world, anywhere(), number, 1)).toBe(1)
})

test('a network gets no more than its day of codes though people enter them all, and never all that there are', async () => {
  const office = anywhere()
  const world = await open({ SMS_NETWORK_DAILY_TOTAL: '4' })
  const sentTo = async (from: string) => countStatuses(times(1, () => send(world, from)))
  for (let person = 0; person < 4; person++) await prove(world, office)
  expect(await sentTo(office)).toEqual({ 429: 1 })
  expect(await sentTo(anywhere())).toEqual({ 201: 1 })
  const small = await open({ SMS_DAILY: '5', SMS_SHARE: '80' })
  for (let person = 0; person < 4; person++) await prove(small, office, person < 2 ? cameroon() : nigeria())
  expect((await send(small, office)).status).toBe(429)
  expect((await send(small, anywhere())).status).toBe(201)
})

test.each(['SMS_DAILY', 'SMS_HOURLY'])('no country takes more than its share of %s', async (limit) => {
  const world = await open({ [limit]: '10', SMS_SHARE: '80' })
  expect(await countStatuses(times(12, () => send(world, anywhere())))).toEqual({ 201: 8, 429: 4 })
  expect(await countStatuses(times(3, () => send(world, anywhere(), nigeria())))).toEqual({ 201: 2, 429: 1 })
})

test('a code redeems what its own network was sent for, and nothing of what others asked for', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '2' })
  const [stranger, home] = [anywhere(), anywhere()]
  const number = cameroon()
  await send(world, stranger, number)
  await world.passTime(121)
  await prove(world, home, number)
  expect(await countStatuses(times(2, () => send(world, stranger)))).toEqual({ 201: 1, 429: 1 })
  expect(await countStatuses(times(3, () => send(world, home)))).toEqual({ 201: 2, 429: 1 })
})

test('only allowed countries are sent to, of them none that is denied, and numbers of no place only where they are listed', async () => {
  const world = await open({ SMS_ALLOWED_COUNTRIES: 'CM,NG', SMS_DENIED_COUNTRIES: 'NG' })
  expect((await send(world, anywhere())).status).toBe(201)
  for (const number of [nigeria(), '+447911123456', '+881612345678']) {
    const answer = await send(world, anywhere(), number)
    expect([number, answer.status]).toEqual([number, 400])
    expect(world.phone.messagesTo(number)).toEqual([])
  }
  expect(await world.sql`select country, reason from send_denials order by 1`).toEqual([
    { country: 'GG', reason: 'country' },
    { country: 'NG', reason: 'country' },
    { country: 'ZZ', reason: 'country' },
  ])
  const everywhere = await open({})
  const satellites = await open({ SMS_ALLOWED_COUNTRIES: 'GB,ZZ' })
  for (const number of ['+881612345678', '+870773111632', '+88213300655', '+447012345678', '+15002345678']) {
    expect([number, (await send(everywhere, anywhere(), number)).status]).toEqual([number, 400])
    expect([number, (await send(satellites, anywhere(), number)).status]).toEqual([number, 201])
  }
  const others = await open({ SMS_DENIED_COUNTRIES: 'NG' })
  expect((await send(others, anywhere(), nigeria())).status).toBe(400)
  expect((await send(others, anywhere(), '+447911123456')).status).toBe(201)
})

test('a decoy counts like anybody: the sends left tell nothing', async () => {
  const world = await open({ HIDE_ACCOUNTS: 'true', SMS_NETWORK_DAILY: '3' })
  const known = visitor(world, anywhere())
  await known.signUp()
  expect(known.uid).not.toBe('')
  const statuses = async (phoneNumber: () => string) => {
    const address = anywhere()
    const seen: number[] = []
    for (const number of [phoneNumber(), cameroon(), cameroon(), cameroon()]) {
      const person = visitor(world, address, { phoneNumber: number })
      await person.startRecovery()
      seen.push((await person.sendCode()).status)
    }
    return seen
  }
  expect(await statuses(() => known.phoneNumber)).toEqual([201, 201, 201, 429])
  expect(await statuses(cameroon)).toEqual([201, 201, 201, 429])
})
