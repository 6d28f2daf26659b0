import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { api } from '../../../src/api/app.ts'
import { readConfig } from '../../../src/config/config.ts'
import { openServices } from '../../../src/server/open-services.ts'
import type { Services } from '../../../src/services.ts'
import { Person } from '../../support/person.ts'
import { plainPasswords } from '../../support/plain-passwords.ts'
import { openWorld, type World } from '../../support/world.ts'

const replaced = { passwords: plainPasswords }

/** A server of another key ring on the world's database, which knows nothing of it yet; with the statements that it sends. */
function openBeside(world: World, SECRET_KEYS = `test:${randomBytes(32).toString('base64')}`) {
  const statements: string[] = []
  const logged: string[] = []
  const config = readConfig({ SECRET_KEYS })
  const [key, ...older] = config.secretKeys ?? []
  if (!key) throw new Error('no key')
  const log = (level: string) => (message: string) => void logged.push(`${level} ${message}`)
  const { services, close } = openServices(config, {
    databaseUrl: world.databaseUrl,
    pool: 5,
    keyRing: [key, ...older],
    platforms: {},
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    write: () => undefined,
    wakeJobs: () => undefined,
  })
  const db: Services['db'] = Object.assign(Object.create(services.db), {
    execute: (query: Parameters<Services['db']['execute']>[0]) => {
      statements.push('execute')
      return services.db.execute(query)
    },
  })
  const opened = { ...services, ...replaced, db, codeSender: world.services.codeSender }
  const fetch = async (input: string | URL | Request, init?: RequestInit) =>
    api.fetch(new Request(input, init), { services: opened })
  return {
    services: opened,
    statements,
    logged,
    close,
    fetch,
    person: () => new Person({ fetch, phone: world.phone }, { phoneNumber: '+237671234567' }),
  }
}

const changes: [method: string, path: string][] = [
  ['POST', '/v2/signup'],
  ['PUT', '/v2/signup'],
  ['POST', '/v2/login'],
  ['POST', '/v2/recovery'],
  ['PUT', '/v2/OTP'],
  ['POST', '/v2/users/00000000-0000-4000-8000-000000000000/OTP'],
  ['POST', '/v2/users/00000000-0000-4000-8000-000000000000/password'],
  ['DELETE', '/v2/users/00000000-0000-4000-8000-000000000000'],
  ['DELETE', '/v2/users/00000000-0000-4000-8000-000000000000/platforms/gmail/protocols/oauth2'],
]

const rowsOf = async (world: World) => {
  const tables = await world.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`
  return Promise.all(tables.map(({ name }) => world.sql`select count(*)::int as rows from ${world.sql(name)}`))
}

test('with wrong keys nothing is written, from the first requests on, which come at once', async () => {
  const world = await openWorld({ services: replaced })
  await world.signedUpPerson()
  const before = await rowsOf(world)
  const { fetch, services, logged, statements, close } = openBeside(world)
  const send = ([method, path]: [string, string]) =>
    fetch(`http://localhost${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'a browser' },
      body: JSON.stringify({ phone_number: '+237671234567', password: 'a passphrase of hers' }),
    })
  const answers = await Promise.all([...changes, ...changes].map(send))
  expect(answers.map(({ status, headers }) => [status, headers.get('Retry-After')])).toEqual(
    answers.map(() => [503, '30']),
  )
  const statementsBefore = statements.length
  expect((await send(changes[0] ?? ['', ''])).status).toBe(503)
  expect(statements.length).toBe(statementsBefore)
  expect(logged).toEqual([expect.stringMatching(/^error SECRET_KEYS cannot decrypt stored data/)])
  expect(await rowsOf(world)).toEqual(before)
  expect((await api.request('/readyz', undefined, { services })).status).toBe(503)
  expect((await fetch('http://localhost/v2/platforms', { headers: { 'User-Agent': 'a browser' } })).status).not.toBe(
    503,
  )
  await close()
})

test('a database with nothing in it takes any keys, and no statement more once that is known', async () => {
  const world = await openWorld({ services: replaced })
  const { person, services, statements, logged, close } = openBeside(world)
  await person().signUp()
  expect([services.keyState.fit, logged]).toEqual([true, []])
  const statementsBefore = statements.length
  const response = await api.request('/v2/users/x/logout', { method: 'POST' }, { services })
  expect([response.status === 503, statements.length]).toEqual([false, statementsBefore])
  await close()
})

test('one value in many that opens is enough', async () => {
  const world = await openWorld({ services: replaced })
  for (let person = 0; person < 3; person++) await world.signedUpPerson()
  await world.sql`update users set phone_number_sealed = '1.lost.AAAA' where id <> (select max(id::text)::uuid from users)`
  world.services.keyState = { askedAt: Number.NEGATIVE_INFINITY }
  expect((await world.person().startSignUp()).status).toBe(200)
})

test('keys that stop fitting under a running server are noticed when readiness is asked, and again when they fit', async () => {
  const world = await openWorld({ services: replaced })
  await world.signedUpPerson()
  await world.sql`create table kept as select id, phone_number_sealed from users`
  await world.sql`update users set phone_number_sealed = '1.other.AAAA'`
  const ready = () => api.request('/readyz', undefined, { services: world.services })
  expect((await world.person().startSignUp()).status).toBe(200)
  expect((await ready()).status).toBe(503)
  expect((await world.person().startSignUp()).status).toBe(503)
  await world.sql`update users set phone_number_sealed = kept.phone_number_sealed from kept where kept.id = users.id`
  expect((await ready()).status).toBe(200)
  expect((await world.person().startSignUp()).status).toBe(200)
})
