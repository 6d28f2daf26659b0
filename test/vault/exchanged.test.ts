import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import type { Person } from '../support/person.ts'
import { submitConsent } from '../support/submit-consent.ts'
import { ada, agreeAtTwitter, connectTelegram, googlePaths, openWalletWorld } from './wallet-world.ts'

type Reply = Parameters<Person['finish']>[2]
type Wallet = {
  name: 'gmail' | 'twitter' | 'mastodon'
  protocol: string
  agree: (person: Person) => Promise<Reply>
  /** What is asked once the code is exchanged, and how a grant is ended. */
  lookUp: string
  revoke: string
}

const world = await openWalletWorld()
const { google, twitter, mastodon, telegram } = world.sandbox

const wallets: readonly Wallet[] = [
  {
    name: 'gmail',
    protocol: 'oauth2',
    agree: (person) => person.consentAtGoogle(),
    lookUp: googlePaths.user,
    revoke: googlePaths.revoke,
  },
  {
    name: 'twitter',
    protocol: 'oauth',
    agree: (person) => agreeAtTwitter(person, 'oauth'),
    lookUp: '/2/users/me',
    revoke: '/1.1/oauth/invalidate_token.json',
  },
  {
    name: 'twitter',
    protocol: 'oauth2',
    agree: (person) => agreeAtTwitter(person, 'oauth2'),
    lookUp: '/2/users/me',
    revoke: '/2/oauth2/revoke',
  },
  {
    name: 'mastodon',
    protocol: 'oauth2',
    agree: agreeAtMastodon,
    lookUp: '/api/v1/accounts/verify_credentials',
    revoke: '/oauth/revoke',
  },
]

async function agreeAtMastodon(person: Person): Promise<Reply> {
  const { url } = await (await person.start('mastodon', 'oauth2')).json()
  const back = await submitConsent('Mastodon', url, { personId: mastodon.people[0]?.id ?? '' })
  return { code: back.get('code') ?? '' }
}

const sandboxOf = (name: Wallet['name']) => ({ gmail: google, twitter, mastodon })[name]
const purge = () => purgeExpired(world.services)

describe.each(wallets)('what $name gave by $protocol, whose next answer failed,', (wallet) => {
  const { name, protocol, agree, lookUp, revoke } = wallet
  const asked = (path: string) => sandboxOf(name).received.filter((request) => request.path === path).length
  beforeEach(() => world.chooseTwitter(protocol === 'oauth2' ? 'oauth2' : 'oauth'))

  /** The code is exchanged, and the platform then fails. */
  async function exchanged() {
    const person = await world.signedUpPerson()
    const reply = await agree(person)
    sandboxOf(name).failNext(lookUp, { status: 503 })
    const { status, headers } = await person.finish(name, protocol, reply)
    expect([status, headers.get('Retry-After')]).toEqual([503, '5'])
    return { person, reply }
  }

  test('is saved by the same request, sent again', async () => {
    const { person, reply } = await exchanged()
    expect((await person.finish(name, protocol, reply)).status).toBe(200)
    expect(await person.savedPlatforms()).toEqual([name])
    expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
    const { tokens } = await world.grantOf(person, name)
    expect(Object.values(tokens).every(Boolean)).toBe(true)
  })

  test('is saved by any other code too, since that one is spent; of three at once one saves it', async () => {
    const { person, reply } = await exchanged()
    const other = Object.fromEntries(Object.keys(reply).map((field) => [field, 'anything else']))
    const finishes = [0, 1, 2].map(() => person.finish(name, protocol, other))
    const statuses = (await Promise.all(finishes)).map(({ status }) => status)
    expect(statuses.sort(), world.logged.slice(-12).join('\n')).toEqual([200, 409, 409])
    expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  })

  test('is nobody else’s, nor of another session', async () => {
    const { person, reply } = await exchanged()
    const stranger = await world.signedUpPerson()
    const elsewhere = person.elsewhere()
    await elsewhere.logIn()
    expect((await stranger.finish(name, protocol, reply)).status).toBe(403)
    expect((await elsewhere.finish(name, protocol, reply)).status).toBe(403)
    expect((await person.finish(name, protocol, reply)).status).toBe(200)
  })

  test.each([
    ['it expires', (_: Person) => world.passTime(700).then(purge)],
    ['the person logs out', (person: Person) => person.logOut()],
    ['the account is deleted', (person: Person) => person.deleteAccount()],
    ['the session ends by a new password elsewhere', changePasswordElsewhere],
    ['another start takes its place', (person: Person) => person.start(name, protocol)],
  ])('is ended at the platform when %s', async (_, leave) => {
    const { person } = await exchanged()
    const before = asked(revoke)
    await leave(person)
    expect(await world.stored()).toMatchObject({ grants: 0, revocations: 1 })
    await world.runAllJobs()
    expect(await world.stored()).toMatchObject({ grants: 0, revocations: 0 })
    expect(asked(revoke)).toBeGreaterThan(before)
  })

  test('is ended when its person has saved nothing, but not when somebody has saved the account since', async () => {
    const { person } = await exchanged()
    await person.deleteAccount()
    const other = await world.signedUpPerson()
    expect((await other.finish(name, protocol, await agree(other))).status).toBe(200)
    const before = asked(revoke)
    await world.runAllJobs()
    expect(asked(revoke)).toBe(before)
    expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  })
})

async function changePasswordElsewhere(person: Person) {
  const elsewhere = person.elsewhere()
  await elsewhere.logIn()
  expect((await elsewhere.changePassword('another passphrase of mine')).status).toBe(200)
}

test('a second account of one platform is refused, and what it gave is ended: the first stays', async () => {
  const owner = await world.signedUpPerson()
  await owner.connectGmail()
  const before = world.timesAsked('google', googlePaths.revoke)
  expect((await owner.connectGmail({ account: 'bola@example.com' })).status).toBe(409)
  await world.runAllJobs()
  expect(world.timesAsked('google', googlePaths.revoke)).toBe(before + 1)
  expect(await world.isLive('gmail', await world.grantOf(owner, 'gmail'))).toBe(true)
})

test('what could not be stored at once is stored after the answer, and then goes on', async () => {
  const person = await world.signedUpPerson()
  const reply = await person.consentAtGoogle()
  await world.sql`create sequence tries`
  await world.sql`
    create function fail_once() returns trigger language plpgsql as
    'begin if nextval(''tries'') = 1 then raise exception ''no room''; end if; return new; end'`
  await world.sql`
    create trigger fail_once before update of grant_sealed on pending_authorizations for each row execute function fail_once()`
  onTestFinished(async () => {
    await world.sql`drop function fail_once cascade`
    await world.sql`drop sequence tries`
  })
  expect((await person.finish('gmail', 'oauth2', reply)).status).toBe(500)
  expect(await world.sql`select next from pending_authorizations`).toEqual([{ next: 'exchanged' }])
  expect((await person.finish('gmail', 'oauth2', reply)).status).toBe(200)
})

describe('a Telegram session that was authorized', () => {
  /** Signed in at Telegram, but the wallet can't be written. */
  async function unsaved() {
    const person = await world.signedUpPerson()
    await world.sql`alter table grants add constraint full_disk check (false)`
    const { status } = await connectTelegram(person)
    await world.sql`alter table grants drop constraint full_disk`
    expect([status, await world.stored()]).toEqual([500, { pending: 1, grants: 0, revocations: 0 }])
    return person
  }

  test('and could not be saved, is saved by the next try', async () => {
    const person = await unsaved()
    expect((await person.finish('telegram', 'twofactor', { code: '12345' })).status).toBe(200)
    expect(await world.isLive('telegram', await world.grantOf(person, 'telegram'))).toBe(true)
  })

  test.each([
    ['it expires', (_: Person) => world.passTime(700).then(purge)],
    ['the person logs out', (person: Person) => person.logOut()],
    ['the account is deleted', (person: Person) => person.deleteAccount()],
    ['another start takes its place', (person: Person) => person.start('telegram', 'twofactor', { phone_number: ada })],
  ])('is logged out when %s', async (_, leave) => {
    const person = await unsaved()
    const [row] = await world.sql<{ id: string; userId: string; grantSealed: string }[]>`
      select id, user_id as "userId", grant_sealed as "grantSealed" from pending_authorizations`
    const { table, column } = { table: 'grants', column: 'grant' }
    const place = { table, column, row: row?.id ?? '', user: row?.userId ?? '' }
    const grant = JSON.parse(await world.services.seal.open(row?.grantSealed ?? '', place))
    expect(await world.isLive('telegram', grant)).toBe(true)
    await leave(person)
    await world.runAllJobs()
    expect(await world.isLive('telegram', grant)).toBe(false)
    expect(await world.stored()).toMatchObject({ grants: 0, revocations: 0 })
  })

  test('is not asked to log out where no code was ever tried', async () => {
    const person = await world.signedUpPerson()
    await person.start('telegram', 'twofactor', { phone_number: ada })
    await person.logOut()
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  })

  test('that owes its password has nothing to end', async () => {
    const person = await world.signedUpPerson()
    await connectTelegram(person, '+12025550102')
    await person.logOut()
    const before = telegram.received.length
    await world.runAllJobs()
    expect(telegram.received.length).toBe(before + 1)
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  })
})

describe('beside a server of the version before, which knows nothing of it,', () => {
  /** Its statements, as it sends them. */
  async function startsAnew() {
    await world.sql`
      update pending_authorizations set id = gen_random_uuid(), pending_sealed = '1.k.x', next = 'code', held_until = null,
        expires_at = now() + interval '10 minutes'`
  }

  test('what was exchanged is ended when it replaces the connection, and the new one holds none of it', async () => {
    const person = await world.signedUpPerson()
    const reply = await person.consentAtGoogle()
    google.failNext(googlePaths.user, { status: 503 })
    expect((await person.finish('gmail', 'oauth2', reply)).status).toBe(503)
    await startsAnew()
    expect(await world.sql`select grant_sealed, account_index, tried from pending_authorizations`).toEqual([
      { grant_sealed: null, account_index: null, tried: false },
    ])
    expect(await world.stored()).toMatchObject({ pending: 1, revocations: 1 })
    await world.runAllJobs()
    expect(await world.stored()).toMatchObject({ pending: 1, revocations: 0 })
  })

  test('a Telegram session that it saves under an id of its own is not logged out', async () => {
    const person = await world.signedUpPerson()
    await person.start('telegram', 'twofactor', { phone_number: ada })
    expect((await person.finish('telegram', 'twofactor', { code: '54321' })).status).toBe(403)
    await world.sql.begin(async (tx) => {
      await tx`delete from pending_authorizations`
      await tx`
        insert into grants (id, user_id, platform, protocol, account_index, grant_sealed)
        values (gen_random_uuid(), ${person.uid}, 'telegram', 'twofactor', 'x', 'x')`
    })
    expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  })
})
