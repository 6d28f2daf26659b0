import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const open = (env: Record<string, string>) =>
  openWorld({ services: { passwords: plainPasswords }, env: { ...behindProxy, ...env } })

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
  world.sql`select country, network, outcome, reason, sum(attempts)::int as attempts, count(verified_at)::int as verified
    from send_decisions group by 1, 2, 3, 4 order by 1, 2, 3, 4`

test('of fifty parallel sends from one network over a limit of ten, ten are done', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '10' })
  const people = await Promise.all(times(50, () => ready(world, `198.51.100.${randomInt(256)}`)))
  expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 201: 10, 429: 40 })
  expect(world.phone.messages).toHaveLength(10)
  expect((await send(world, '198.51.101.1')).status).toBe(201)
  expect(await decisions(world)).toEqual([
    { country: 'CM', network: '198.51.100.0/24', outcome: 'allowed', reason: null, attempts: 10, verified: 0 },
    {
      country: 'CM',
      network: '198.51.100.0/24',
      outcome: 'denied',
      reason: 'network_budget',
      attempts: 40,
      verified: 0,
    },
    { country: 'CM', network: '198.51.101.0/24', outcome: 'allowed', reason: null, attempts: 1, verified: 0 },
  ])
})

test('of fifty parallel sends over a limit of ten for all, ten are done, whatever their countries and networks', async () => {
  const world = await open({ SMS_DAILY: '10' })
  const people = await Promise.all(
    times(50, () => ready(world, anywhere(), randomInt(2) === 0 ? cameroon() : nigeria())),
  )
  expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 201: 10, 429: 40 })
  expect(world.phone.messages).toHaveLength(10)
})

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

test('codes that were entered weigh on no network and no country, but on the limit for all', async () => {
  const world = await open({ SMS_NETWORK_DAILY: '2', SMS_COUNTRY_DAILY_FLOOR: '2', SMS_DAILY: '8' })
  const office = anywhere()
  for (let person = 0; person < 6; person++) await prove(world, office)
  expect((await send(world, office)).status).toBe(201)
  expect((await send(world, office)).status).toBe(201)
  expect((await send(world, anywhere(), nigeria())).status).toBe(429)
  expect((await decisions(world)).at(-1)).toMatchObject({ country: 'NG', reason: 'global_budget' })
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

test('denials that repeat are one row an hour', async () => {
  const world = await open({})
  const ada = await ready(world, anywhere())
  await ada.sendCode()
  for (let attempt = 0; attempt < 20; attempt++) expect((await ada.sendCode()).status).toBe(429)
  expect(await world.sql`select outcome, reason, attempts from send_decisions order by id`).toEqual([
    { outcome: 'allowed', reason: null, attempts: 1 },
    { outcome: 'denied', reason: 'wait', attempts: 20 },
  ])
})

test('only allowed countries are sent to, and of them none that is denied', async () => {
  const world = await open({ SMS_ALLOWED_COUNTRIES: 'CM,NG', SMS_DENIED_COUNTRIES: 'NG' })
  expect((await send(world, anywhere())).status).toBe(201)
  for (const number of [nigeria(), '+447911123456', '+881612345678']) {
    const answer = await send(world, anywhere(), number)
    expect([number, answer.status]).toEqual([number, 400])
    expect(world.phone.messagesTo(number)).toEqual([])
  }
  expect((await decisions(world)).slice(1)).toMatchObject([
    { reason: 'country' },
    { reason: 'country' },
    { country: 'ZZ' },
  ])
  const others = await open({ SMS_DENIED_COUNTRIES: 'NG' })
  expect((await send(others, anywhere(), nigeria())).status).toBe(400)
  expect((await send(others, anywhere(), '+447911123456')).status).toBe(201)
})

test('a decoy counts like anybody: the sends left tell nothing', async () => {
  const world = await open({ HIDE_ACCOUNTS: 'true', SMS_NETWORK_DAILY: '3' })
  const known = visitor(world, anywhere())
  await known.signUp()
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
