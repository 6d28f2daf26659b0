import { expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const captcha = { check: async (token: string) => token === 'a solved captcha' }
type World = Awaited<ReturnType<typeof openWorld>>
const open = (env: Record<string, string> = {}, services = {}) =>
  openWorld({
    services: { passwords: plainPasswords, ...services },
    env: { ...behindProxy, DATABASE_POOL: '5', ...env },
  })

const home = '198.51.100.7'
const elsewhere = '203.0.113.5'

async function signedInAtHome(world: World): Promise<Person> {
  const ada = visitor(world, home)
  await ada.signUp()
  await ada.logIn()
  return ada
}

async function recovering(world: World, address: string, { phoneNumber }: Person): Promise<Person> {
  const browser = visitor(world, address, { phoneNumber })
  const body = { phone_number: phoneNumber, captcha_token: 'a solved captcha' }
  browser.uid = (await (await browser.send('POST', '/v2/recovery', body)).json()).uid
  return browser
}

/** Four code requests, which shut a number for a day. */
async function shut(world: World, address: string, person: Person): Promise<void> {
  const stranger = await recovering(world, address, person)
  for (const wait of [121, 301, 901, 10]) {
    expect((await stranger.sendCode()).status).toBe(201)
    await world.passTime(wait)
  }
  expect((await stranger.sendCode()).status).toBe(429)
}

test('strangers who use up the waits of a number keep its owner from no recovery at a known network', async () => {
  const world = await open()
  const ada = await signedInAtHome(world)
  await shut(world, elsewhere, ada)
  expect((await (await recovering(world, '192.0.3.1', ada)).sendCode()).status).toBe(429)
  const browser = await recovering(world, home, ada)
  const answer = await browser.sendCode()
  expect(answer.status).toBe(201)
  // The code of the sign-up was this network's first today.
  expect(Math.abs((await answer.json()).expires - Date.now() - 300_000)).toBeLessThan(10_000)
  expect((await browser.enterCode()).status).toBe(200)
  expect((await browser.finishRecovery('a passphrase after the flood')).status).toBe(200)
})

test('a known network waits between its own codes too, and gets no more than four a day', async () => {
  const world = await open()
  const ada = await signedInAtHome(world)
  await shut(world, elsewhere, ada)
  const browser = await recovering(world, home, ada)
  expect(await countStatuses(times(10, () => browser.sendCode()))).toEqual({ 201: 1, 429: 9 })
  const before = world.phone.messages.length
  for (let minute = 0; minute < 60; minute += 6) {
    await world.passTime(360)
    await browser.sendCode()
  }
  expect(world.phone.messages.length - before).toBe(2)
})

test('a number gets a tenth more than its day has, from however many known networks, and as much for a captcha', async () => {
  const world = await open({ SMS_NUMBER_DAILY: '5', OTP_RESEND_WAITS: '86400' })
  const ada = await signedInAtHome(world)
  const homes = Array.from({ length: 8 }, (_, n) => `198.51.${n}.7`)
  for (const address of homes) expect((await visitor(world, address, ada).logIn()).status).toBe(200)
  await world.sql`delete from send_decisions`
  const statuses = []
  for (const address of homes) statuses.push((await (await recovering(world, address, ada)).sendCode()).status)
  expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 429, 429])
})

test("strangers who use up a network's and a country's budget keep nobody there from recovering", async () => {
  const world = await open({ SMS_NETWORK_DAILY: '10', SMS_COUNTRY_DAILY_FLOOR: '10' })
  const ada = await signedInAtHome(world)
  await world.passTime(121)
  const people = await Promise.all(
    times(12, async () => {
      const person = visitor(world, home)
      await person.startSignUp()
      return person
    }),
  )
  expect(await countStatuses(people.map((person) => person.sendCode()))).toEqual({ 201: 10, 429: 2 })
  const browser = await recovering(world, home, ada)
  expect((await browser.sendCode()).status).toBe(201)
})

test('a solved captcha gets a code too, and uses up nothing that a known network has', async () => {
  const world = await open({ OTP_RESEND_WAITS: '86400', SMS_NUMBER_DAILY: '2' }, { captcha })
  const ada = await (async () => {
    const person = visitor(world, home)
    await person
      .send('POST', '/v2/signup', {
        phone_number: person.phoneNumber,
        password: person.password,
        captcha_token: 'a solved captcha',
      })
      .then(async (answer) => Object.assign(person, await answer.json()))
    await person.sendCode()
    await person.enterCode()
    await person.finishSignUp()
    await person.send('POST', '/v2/login', {
      phone_number: person.phoneNumber,
      password: person.password,
      captcha_token: 'a solved captcha',
    })
    return person
  })()
  await world.sql`delete from send_decisions`
  const statuses = []
  for (let n = 0; n < 5; n++) statuses.push((await (await recovering(world, `203.0.${n}.5`, ada)).sendCode()).status)
  expect(statuses).toEqual([201, 201, 201, 429, 429])
  // Another tenth of two is none: the reserve of a number so small is one code.
  const wide = await recovering(world, home, ada)
  expect((await wide.sendCode()).status).toBe(429)
})
