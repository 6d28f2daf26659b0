import { describe, expect, test } from 'vitest'
import { checkKeys, type LostValue } from '../../../src/maintenance/keys/check-keys.ts'
import { rotateKeys } from '../../../src/maintenance/keys/rotate-keys.ts'
import { sealedTables } from '../../../src/maintenance/keys/sealed-tables.ts'
import type { Person } from '../../support/person.ts'
import { plainPasswords } from '../../support/plain-passwords.ts'
import { openWorld, type World } from '../../support/world.ts'
import { newRingKey, useKeys, withKeys } from './key-rings.ts'

const [older, newer, newest] = [newRingKey('older'), newRingKey('newer'), newRingKey('newest')]
const openKeyWorld = () =>
  openWorld({
    sandbox: true,
    services: { passwords: plainPasswords, ...withKeys([older]) },
    runsHiddenSends: false,
  })

async function signUpWithName(world: World): Promise<Person> {
  const person = world.person()
  const body = { phone_number: person.phoneNumber, password: person.password, name: 'Ada King of Lovelace' }
  person.uid = ((await (await person.send('POST', '/v2/signup', body)).json()) as { uid: string }).uid
  return person
}

/** One value in each sealed column: of a user with a grant, of one gone whose revocation is due, of a sign-up and of connections begun. */
async function fill(world: World) {
  const ada = await signUpWithName(world)
  await ada.sendCode()
  await ada.enterCode()
  await ada.finishSignUp()
  await ada.logIn()
  await ada.connectGmail()
  const { url } = await (await ada.start('twitter', 'oauth')).json()
  await ada.start('telegram', 'twofactor', { phone_number: '+12025550101' })
  const gone = await world.signedUpPerson()
  await gone.connectGmail({ account: 'bola@example.com' })
  await gone.deleteAccount()
  const signingUp = await signUpWithName(world)
  return { ada, signingUp, url }
}

describe('while nothing is lost', async () => {
  const world = await openKeyWorld()
  const { ada, signingUp } = await fill(world)
  const hidden = ada.elsewhere()
  world.services.settings.hideAccounts = true
  await hidden.startRecovery()
  await hidden.sendCode()
  world.services.settings.hideAccounts = false

  test('every sealed column of the database is among those that are put under a new key', async () => {
    const columns = await world.sql<{ table_name: string; column_name: string }[]>`
      select table_name, column_name from information_schema.columns
      where table_schema = 'public' and column_name like '%\\_sealed'`
    const known = sealedTables.flatMap(({ name, sealed }) => Object.keys(sealed).map((column) => `${name}.${column}`))
    expect(known.sort()).toEqual(columns.map((row) => `${row.table_name}.${row.column_name}`).sort())
    for (const { table_name, column_name } of columns) {
      const found = await world.sql`
        select 1 from ${world.sql(table_name)} where ${world.sql(column_name)} like '1.older.%'`
      expect([table_name, column_name, found.length > 0]).toEqual([table_name, column_name, true])
    }
  })

  test('a check tells what is under which key, and changes nothing', async () => {
    useKeys(world, newer, older)
    const report = await checkKeys(world.services)
    expect(report).toMatchObject({ lost: 0, unused: [] })
    expect(report.counts.every(({ keyId }) => keyId === 'older')).toBe(true)
    expect(await checkKeys(world.services)).toEqual(report)
    // All values, and the three hashes that a user, a grant and a revocation are found by.
    expect(report.stale).toBe(report.counts.reduce((sum, { values }) => sum + values, 0) + 3)
  })

  test('all of it is put under the newest; then the older key may go, and opens nothing more', async () => {
    const { rows } = (await world.sql<{ rows: number }[]>`select count(*)::int as rows from grants`)[0] ?? {}
    expect(rows).toBe(1)
    const report = await rotateKeys(world.services)
    expect(report).toMatchObject({ lost: 0, stale: 0, unused: ['older'] })
    expect(report.counts.every(({ keyId }) => keyId === 'newer')).toBe(true)
    expect(report.changed).toBe(7)
    expect((await rotateKeys(world.services)).changed).toBe(0)
    const events = await world.sql`select event, outcome, about from audit_events where event = 'key_rotation'`
    expect(events[0]).toEqual({ event: 'key_rotation', outcome: 'done', about: 'newer' })

    useKeys(world, older)
    expect(await checkKeys(world.services)).toMatchObject({
      lost: report.counts.reduce((sum, { values }) => sum + values, 0),
    })

    useKeys(world, newer)
    expect(await checkKeys(world.services)).toMatchObject({ lost: 0, stale: 0, unused: [] })
    expect((await ada.elsewhere().logIn()).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual(['gmail'])
    expect((await ada.connectGmail()).status).toBe(409)
    expect((await world.person({ phoneNumber: ada.phoneNumber }).startSignUp()).status).toBe(409)
    // Of the user who is gone, and of the attempt that was refused just now.
    expect(await world.runJobs()).toBe(2)
    // Begun under a key that is gone by now: the session no longer knows its number.
    expect((await signingUp.sendCode()).status).toBe(401)
  })
})

describe('while the server serves', async () => {
  const world = await openKeyWorld()

  test('nobody notices: what is sealed, moved and removed meanwhile is right, and all ends under the newest key', async () => {
    const people = await Promise.all(Array.from({ length: 30 }, () => world.signedUpPerson()))
    useKeys(world, newer, older)
    let isOver = false
    const statuses: number[] = []
    const use = async (person: Person) => {
      while (!isOver) {
        statuses.push((await person.elsewhere().logIn()).status, (await person.dashboard()).status)
        statuses.push((await person.start('twitter', 'oauth')).status)
      }
    }
    const busy = people.slice(0, 4).map(use)
    const joining = Array.from({ length: 8 }, () => world.signedUpPerson())
    const leaving = people.slice(20, 26).map((person) => person.deleteAccount())
    const reports = await Promise.all([rotateKeys(world.services), rotateKeys(world.services)])
    const joined = await Promise.all(joining)
    statuses.push(...(await Promise.all(leaving)).map(({ status }) => status))
    isOver = true
    await Promise.all(busy)
    expect(new Set(statuses)).toEqual(new Set([200]))
    for (const report of reports) expect(report).toMatchObject({ lost: 0, stale: 0 })
    expect((await rotateKeys(world.services)).changed).toBe(0)
    useKeys(world, newer)
    for (const person of [...people.slice(0, 20), ...people.slice(26), ...joined])
      expect((await person.elsewhere().logIn()).status).toBe(200)
  })

  test('a row that is changed between reading and writing is read again', async () => {
    const ada = await world.signedUpPerson()
    const { seal } = world.services
    useKeys(world, newest, newer)
    const { services } = world
    let changedBy = 0
    const racing = {
      ...services,
      seal: {
        ...services.seal,
        async seal(plain: string, place: Parameters<typeof seal.seal>[1]) {
          if (plain === ada.phoneNumber && changedBy++ < 3) {
            const again = await seal.seal(plain, place)
            await world.sql`update users set phone_number_sealed = ${again} where id = ${ada.uid}`
          }
          return services.seal.seal(plain, place)
        },
      },
    }
    expect(await rotateKeys(racing)).toMatchObject({ lost: 0, stale: 0 })
    expect(changedBy).toBe(4)
    expect((await ada.elsewhere().logIn()).status).toBe(200)
  })
})

describe('when a key is lost', async () => {
  const world = await openKeyWorld()
  const { ada, signingUp, url } = await fill(world)
  useKeys(world, newer, older)
  const bola = await world.signedUpPerson()
  await bola.connectGmail({ account: 'chidi@example.com' })

  test('the report tells how much and whose, and the rest is still put under the newest', async () => {
    useKeys(world, newest, newer)
    const lost: LostValue[] = []
    const report = await checkKeys(world.services, (value) => lost.push(value))
    expect(report.lost).toBe(lost.length)
    expect(new Set(lost.map(({ keyId, why }) => `${keyId}: ${why}`))).toEqual(
      new Set(['older: its key is missing from SECRET_KEYS']),
    )
    expect(lost).toContainEqual(expect.objectContaining({ table: 'grants', userId: ada.uid, platform: 'gmail' }))
    expect(lost).toContainEqual(
      expect.objectContaining({ table: 'users', column: 'phone_number_sealed', userId: ada.uid }),
    )
    expect(lost.filter(({ userId }) => userId === bola.uid)).toEqual([])

    const rotated = await rotateKeys(world.services)
    expect(rotated).toMatchObject({ lost: lost.length, stale: 0, changed: 2, unused: ['newer'] })
    expect((await bola.elsewhere().logIn()).status).toBe(200)
  })

  test('who needs what is lost is answered 503, others are served, and the log names the key and no more', async () => {
    const denied = new URL(url).searchParams.get('oauth_token') ?? ''
    world.logged.length = 0
    const answer = await ada.finish('twitter', 'oauth', { oauth_token: denied, oauth_verifier: 'any' })
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '300'])
    const line = JSON.parse(world.logged.find((one) => one.includes('SECRET_KEYS')) ?? '{}')
    expect(line).toMatchObject({ level: 'error', keyId: 'older', path: expect.stringContaining('/v2/users/:user_id') })
    expect((await ada.dashboard()).status).toBe(200)
    expect((await bola.dashboard()).status).toBe(200)
    await world.runJobs()
    expect(await world.sql`select attempts, dead_at from revocations`).toEqual([{ attempts: 1, dead_at: null }])
  })

  test('a sign-up that was begun under it is answered 503 too, and none is finished blindly', async () => {
    useKeys(world, older)
    await signingUp.sendCode()
    await signingUp.enterCode()
    useKeys(world, newest)
    expect((await signingUp.finishSignUp()).status).toBe(503)
    useKeys(world, newest, older)
    expect((await signingUp.finishSignUp()).status).toBe(200)
  })

  test('given back, nothing was lost', async () => {
    useKeys(world, newest, newer, older)
    expect(await rotateKeys(world.services)).toMatchObject({ lost: 0, stale: 0 })
    useKeys(world, newest)
    expect((await ada.elsewhere().logIn()).status).toBe(200)
    await world.passTime(60)
    expect(await world.runJobs()).toBe(1)
    expect(await world.sql`select 1 from revocations`).toEqual([])
  })

  test('another key under the same id is told from the right one', async () => {
    useKeys(world, { ...newRingKey('x'), id: 'newest' })
    const why = new Set<string>()
    expect((await checkKeys(world.services, (lost) => why.add(lost.why))).lost).toBeGreaterThan(5)
    expect(why).toEqual(new Set(['altered, or encrypted with another key']))
    expect((await rotateKeys(world.services)).changed).toBe(0)
  })
})
