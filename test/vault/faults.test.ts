import { describe, expect, test } from 'vitest'
import { randomPhoneNumber } from '../support/person.ts'
import { askedOf, type Door, type FaultName, fail, limitFor, openDoors } from './doors.ts'
import { ada, connectTelegram } from './wallet-world.ts'

const { worlds, telegram, starts, exchanges, lookUps, ends } = await openDoors()
const everyFault = ['silence', 'late', '500', 'reset', 'garbage', '429'] as const
type Deed = () => Promise<Response>

/** What a person gets and what is stored, when the next request at a door fails. Asked twice would be a code sent twice. */
async function strike(door: Door, name: FaultName, deed: Deed) {
  fail(door, name)
  const before = askedOf(door)
  const { status, headers } = await deed()
  const { platform, world } = door
  const [stored] = await world.sql<{ pending: number; grants: number; jobs: number }[]>`
    select (select count(*)::int from pending_authorizations where platform = ${platform}) as pending,
      (select count(*)::int from grants where platform = ${platform}) as grants,
      (select count(*)::int from revocations where platform = ${platform}) as jobs`
  return { status, waits: Number(headers.get('Retry-After')), asked: askedOf(door) - before, ...stored }
}

/** All doors at once; `after`: what is tried when the fault is over. */
async function strikeAll(
  doors: readonly Door[],
  name: FaultName,
  prepare: (door: Door) => Promise<Deed>,
  after: (door: Door, deed: Deed) => Promise<object>,
) {
  const deeds = await Promise.all(doors.map(async (door) => ({ door, deed: await prepare(door) })))
  limitFor(doors, name)
  const failed = await Promise.all(deeds.map(({ door, deed }) => strike(door, name, deed)))
  limitFor(doors)
  const later = await Promise.all(deeds.map(({ door, deed }) => after(door, deed)))
  return Object.fromEntries(
    deeds.map(({ door }, at) => [`${door.platform} ${door.what}`, { ...failed[at], ...later[at] }]),
  )
}

const forAll = (doors: readonly Door[], expected: object, atTelegram: object = {}) =>
  Object.fromEntries(
    doors.map(({ platform, what }) => [
      `${platform} ${what}`,
      platform === 'telegram' ? { ...expected, ...atTelegram } : expected,
    ]),
  )

describe('a start that meets', () => {
  test.each(everyFault)('%s', async (name) => {
    const seen = await strikeAll(
      starts,
      name,
      async ({ person, platform, protocol }) => {
        const phone_number = randomPhoneNumber()
        return () => person.start(platform, protocol, { phone_number })
      },
      async (_, start) => ({ again: (await start()).status }),
    )
    const refused = name === '429' ? { status: 429, waits: 30 } : { status: 503, waits: 5 }
    expect(seen).toEqual(forAll(starts, { ...refused, asked: 1, pending: 0, grants: 0, jobs: 0, again: 200 }))
  })
})

describe('an exchange that meets', () => {
  const finishAll = (doors: readonly Door[], name: FaultName) =>
    strikeAll(
      doors,
      name,
      async ({ person, platform, protocol, arrive }) => {
        const reply = await arrive()
        return () => person.finish(platform, protocol, reply)
      },
      async ({ person, platform, protocol, arrive }, finish) => {
        const again = (await finish()).status
        if (again === 200) return { again }
        return { again, anew: (await person.finish(platform, protocol, await arrive())).status }
      },
    )
  const kept = { status: 503, waits: 5, asked: 1, pending: 1, grants: 0, jobs: 0, again: 200 }
  /** The code was used: only a new consent helps. Telegram, asked again, knows that this very session is signed in. */
  const used = { ...kept, again: 403, anew: 200 }

  test.each([
    ['silence', kept],
    ['late', used],
    ['500', kept],
    ['reset', kept],
    ['garbage', kept],
    ['429', { ...kept, status: 429, waits: 30 }],
  ] as const)('%s', async (name, expected) => {
    expect(await finishAll(exchanges, name)).toEqual(forAll(exchanges, expected, { again: 200, anew: undefined }))
  })

  test.each(['silence', '500', 'garbage'] as const)('%s after the exchange', async (name) => {
    expect(await finishAll(lookUps, name)).toEqual(forAll(lookUps, kept))
  })
})

describe('a revocation that meets', () => {
  test.each(everyFault)('%s', async (name) => {
    const revoked = await Promise.all(
      ends.map(async (door) => {
        const { world, person, platform, protocol, arrive } = door
        await person.finish(platform, protocol, await arrive())
        const grant = await world.grantOf(person, platform)
        expect((await person.revoke(platform, protocol)).status).toBe(200)
        return { door, grant, asked: askedOf(door) }
      }),
    )
    for (const door of ends) fail(door, name)
    limitFor(ends, name)
    await Promise.all(worlds.map((world) => world.runJobs()))
    limitFor(ends)
    for (const { door, asked } of revoked) {
      const jobs = await door.world.sql`
        select attempts, dead_at, last_error from revocations where platform = ${door.platform}`
      const job = { attempts: 1, dead_at: null, last_error: expect.stringMatching(/^\w+ is unavailable: .+$/) }
      expect([door.what, askedOf(door) - asked, ...jobs]).toEqual([door.what, 1, job])
    }
    await Promise.all(worlds.map((world) => world.runAllJobs()))
    for (const world of worlds) expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
    for (const { door, grant } of revoked) expect(await door.world.isLive(door.platform, grant)).toBe(false)
  })
})

describe('Telegram that has forgotten the key', () => {
  const { world, person } = telegram

  test('of a sign-in: 403, and a new start helps', async () => {
    const reply = await telegram.arrive()
    world.sandbox.telegram.forgetKeys(ada)
    expect((await person.finish('telegram', 'twofactor', reply)).status).toBe(403)
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 0 })
    expect((await connectTelegram(person)).status).toBe(200)
  })

  test('of a grant: the next start sends a code, and its revocation is done', async () => {
    await connectTelegram(person)
    world.sandbox.telegram.forgetKeys(ada)
    const started = await person.start('telegram', 'twofactor', { phone_number: ada })
    expect((await started.json()).body).toBe('201')
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 1 })
    await world.runJobs()
    expect(await world.stored()).toEqual({ pending: 1, grants: 0, revocations: 0 })
    await person.finish('telegram', 'twofactor', { code: '12345' })
    world.sandbox.telegram.forgetKeys(ada)
    await person.revoke('telegram', 'twofactor')
    await world.runJobs()
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  })
})
