import { describe, expect, test } from 'vitest'
import { networkOf } from '../../src/api/request/client-address.ts'
import { type EventFilter, listEvents } from '../../src/audit/list-events.ts'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { endSessionsByOperator, listSessions } from '../../src/sessions/list-sessions.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })

async function listed(filter: EventFilter): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = []
  for await (const event of listEvents(world.services, filter)) events.push(event)
  return events
}

async function eventsOf({ uid }: Pick<Person, 'uid'>): Promise<Record<string, unknown>[]> {
  return listed({ userId: uid })
}

const names = async (person: Person) => (await eventsOf(person)).map(({ event, outcome }) => `${event} ${outcome}`)

describe('the audit trail', () => {
  test('tells what happened to an account, from which network and in which request', async () => {
    const ada = world.person()
    await ada.startSignUp()
    await ada.sendCode()
    await ada.enterCode('000000' === ada.lastCode ? '000001' : '000000')
    await ada.enterCode()
    await ada.finishSignUp()
    await ada.elsewhere().logIn('a wrong passphrase')
    const { headers } = await ada.logIn()
    await ada.connectGmail()
    await ada.revoke('gmail', 'oauth2', 'a wrong passphrase')
    await ada.revoke('gmail', 'oauth2')
    await ada.changePassword('another passphrase of mine')
    ada.password = 'another passphrase of mine'
    await ada.logOut()
    await (await ada.recovering()).finishRecovery('a third passphrase of mine')
    ada.password = 'a third passphrase of mine'
    await ada.logIn()
    await ada.deleteAccount()
    expect(await names(ada)).toEqual([
      'code_check refused',
      'code_check done',
      'signup done',
      'login refused',
      'login done',
      'grant_save done',
      'password_check refused',
      'grant_revocation done',
      'password_change done',
      'logout done',
      'code_check done',
      'recovery done',
      'login done',
      'account_deletion done',
    ])
    const events = await eventsOf(ada)
    expect(events.find(({ event, outcome }) => event === 'login' && outcome === 'done')).toEqual({
      id: expect.any(Number),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
      event: 'login',
      outcome: 'done',
      userId: ada.uid,
      requestId: headers.get('X-Request-Id'),
      network: '192.0.2.0/24',
    })
    expect(events.find(({ event }) => event === 'grant_save')?.about).toBe('gmail')
    expect(events.every(({ network, requestId }) => network === '192.0.2.0/24' && requestId)).toBe(true)
    // Nothing in it tells whose number it was, once the account is gone.
    const number = await world.services.blindIndex.of('phone number', ada.phoneNumber)
    expect(JSON.stringify(events)).not.toContain(number)
  })

  test('a number without an account is written as its keyed hash', async () => {
    const nobody = world.person()
    expect((await nobody.logIn()).status).toBe(401)
    const { phoneNumber } = nobody
    const [event, ...more] = await listed({ phoneNumber })
    expect(more).toEqual([])
    expect(event).toMatchObject({ event: 'login', outcome: 'refused' })
    expect(event?.phoneNumberIndex).toBe(await world.services.blindIndex.of('phone number', phoneNumber))
    expect(event).not.toHaveProperty('userId')
  })

  test('what was rolled back did not happen; what happened is there, once', async () => {
    const ada = await world.signedUpPerson()
    await ada.connectGmail({ account: 'bola@example.com' })
    await world.sql`
      create function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`
    await world.sql`create trigger fail before delete on users for each row execute function fail()`
    expect((await ada.deleteAccount()).status).toBe(500)
    expect(await names(ada)).toEqual(['code_check done', 'signup done', 'login done', 'grant_save done'])
    await world.sql`drop trigger fail on users`
    expect((await ada.deleteAccount()).status).toBe(200)
    expect((await names(ada)).slice(4)).toEqual(['grant_revocation done', 'account_deletion done'])
  })

  test('where it can not be written, nothing is changed', async () => {
    const ada = await world.signedUpPerson()
    await world.sql`alter table audit_events add constraint full_up check (event <> 'password_change') not valid`
    expect((await ada.changePassword('another passphrase of mine')).status).toBe(500)
    await world.sql`alter table audit_events drop constraint full_up`
    expect((await ada.elsewhere().logIn()).status).toBe(200)
  })

  test('a block is recorded once an hour, however often it is run into', async () => {
    const ada = await world.signedUpPerson()
    const stranger = ada.elsewhere()
    const { tries } = world.services.settings.logins
    for (let n = 0; n < tries + 10; n++) await stranger.logIn('a wrong passphrase')
    expect((await names(ada)).slice(3)).toEqual([...Array(tries).fill('login refused'), 'login blocked'])
    for (const minutes of [16, 45]) {
      await world.passTime(minutes * 60)
      for (let n = 0; n < tries + 3; n++) await stranger.logIn('a wrong passphrase')
    }
    expect((await names(ada)).filter((name) => name === 'login blocked')).toHaveLength(2)
  })

  test('can be asked for an event and a time', async () => {
    const ada = await world.signedUpPerson()
    await world.passTime(60)
    const since = new Date(Date.now() - 1000)
    await ada.logOut()
    const found = await listed({ userId: ada.uid, since })
    expect(found.map(({ event }) => event)).toEqual(['logout'])
    const logins = await listed({ event: 'login' })
    expect(new Set(logins.map(({ event }) => event))).toEqual(new Set(['login']))
  })
})

describe('append-only', () => {
  const refused = 'audit_events is append-only'

  test.each([
    ['changed', "update audit_events set outcome = 'done'"],
    ['made older', "update audit_events set keep_until = now() - interval '1 day'"],
    ['removed', 'delete from audit_events'],
    ['emptied', 'truncate audit_events'],
    [
      'replaced',
      "insert into audit_events (id, event, outcome, keep_until) overriding system value select id, 'login', 'done', now() from audit_events on conflict (id) do update set event = 'x'",
    ],
  ])('it can not be %s', async (_, statement) => {
    await world.signedUpPerson()
    const [before] = await world.sql`select count(*) from audit_events`
    await expect(world.sql.unsafe(statement)).rejects.toThrow(refused)
    expect((await world.sql`select count(*) from audit_events`)[0]).toEqual(before)
  })

  test('the retention job removes what is older than AUDIT_DAYS, and no event before', async () => {
    const ada = await world.signedUpPerson()
    await world.passTime(364 * 86_400)
    await purgeExpired(world.services)
    expect(await names(ada)).toEqual(['code_check done', 'signup done', 'login done'])
    world.services.settings.auditDays = 30
    await ada.logIn()
    await world.passTime(2 * 86_400)
    await purgeExpired(world.services)
    expect(await names(ada)).toEqual(['login done'])
    await world.passTime(29 * 86_400)
    await purgeExpired(world.services)
    expect(await names(ada)).toEqual([])
    world.services.settings.auditDays = 365
  })
})

test("an operator sees a user's sessions, without what would let one be used, and ends them", async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere()
  await phone.logIn()
  await world.passTime(900)
  await phone.dashboard()
  await ada.elsewhere().startRecovery()
  const sessions = await listSessions(world.services, ada.uid)
  expect(sessions.map(({ purpose }) => purpose)).toEqual(['recovery', 'login', 'login'])
  const ages = sessions.map(({ createdAt, renewedAt }) => (Date.parse(renewedAt) - Date.parse(createdAt)) / 60_000)
  expect(ages.map(Math.round)).toEqual([0, 15, 0])
  const hashes = await world.sql<{ id_hash: string }[]>`select id_hash from sessions where user_id = ${ada.uid}`
  for (const { id_hash } of hashes) expect(JSON.stringify(sessions)).not.toContain(id_hash)

  expect(await endSessionsByOperator(world.services, ada.uid)).toBe(3)
  expect(await listSessions(world.services, ada.uid)).toEqual([])
  for (const person of [ada, phone]) expect((await person.dashboard()).status).toBe(401)
  expect((await eventsOf(ada)).at(-1)).toMatchObject({ event: 'sessions_end', about: 'operator: 3' })
})

test.each([
  ['198.51.100.77', '198.51.100.0/24'],
  ['::ffff:198.51.100.77', '198.51.100.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
  ['', undefined],
  ['localhost', undefined],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
