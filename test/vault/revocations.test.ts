import { expect, onTestFinished, test } from 'vitest'
import { listRevocations, retryRevocations } from '../../src/vault/list-revocations.ts'
import { runRevocations } from '../../src/vault/run-revocations.ts'
import type { Person } from '../support/person.ts'
import { connectors, connectTelegram, googlePaths, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld({ OTP_RESEND_WAITS: '1' })
const { google, telegram } = world.sandbox
const { revoke } = googlePaths
const names = ['gmail', 'twitter', 'telegram'] as const

async function everythingConnected(person: Person) {
  for (const name of names) expect((await connectors[name].connect(person)).status).toBe(200)
  return Promise.all(names.map((name) => world.grantOf(person, name)))
}

const areLive = (grants: Awaited<ReturnType<typeof everythingConnected>>) =>
  Promise.all(grants.map((grant, at) => world.isLive(names[at] ?? '', grant)))

async function recover(person: Person) {
  await person.startRecovery()
  await world.sql`delete from code_waits`
  await person.sendCode()
  await person.enterCode()
  return person.finishRecovery('another passphrase of mine')
}

test.each([
  ['deleting the account', (person: Person) => person.deleteAccount()],
  ['recovering the account', recover],
])('%s takes every grant out and ends it at its platform', async (_, action) => {
  const person = await world.signedUpPerson()
  const grants = await everythingConnected(person)
  expect((await action(person)).status).toBe(200)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 3 })
  expect(await areLive(grants)).toEqual([true, true, true])
  expect(await world.runJobs()).toBe(3)
  expect(await areLive(grants)).toEqual([false, false, false])
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
})

test('changing the password leaves the grants, unless it is set to purge them', async () => {
  const person = await world.signedUpPerson()
  const grants = await everythingConnected(person)
  const { settings } = world.services
  expect((await person.changePassword('another passphrase of mine')).status).toBe(200)
  expect(await world.stored()).toEqual({ pending: 0, grants: 3, revocations: 0 })
  settings.passwordChangePurgesGrants = true
  expect((await person.changePassword('a third passphrase', 'another passphrase of mine')).status).toBe(200)
  settings.passwordChangePurgesGrants = false
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 3 })
  await world.runJobs()
  expect(await areLive(grants)).toEqual([false, false, false])
})

test.each([
  ['deleting a wallet', (person: Person) => person.revoke('gmail', 'oauth2')],
  ['deleting the account', (person: Person) => person.deleteAccount()],
  ['recovering the account', recover],
])('%s changes nothing when its job can not be stored', async (_, action) => {
  const person = await world.signedUpPerson()
  await person.connectGmail()
  await world.sql`alter table revocations add constraint full_disk check (false)`
  const { status } = await action(person)
  await world.sql`alter table revocations drop constraint full_disk`
  expect([status, await world.stored()]).toEqual([500, { pending: 0, grants: 1, revocations: 0 }])
  expect((await person.elsewhere().logIn()).status).toBe(200)
})

async function revokedGmail() {
  const person = await world.signedUpPerson()
  await person.connectGmail()
  const grant = await world.grantOf(person, 'gmail')
  await person.revoke('gmail', 'oauth2')
  return grant
}

const job = async () => {
  const [row] = await world.sql<{ attempts: number; wait: number; last_error: string | null; dead: boolean }[]>`
    select attempts, extract(epoch from next_attempt_at - now())::float as wait, last_error, dead_at is not null as dead
    from revocations`
  return row
}
const makeDue = () => world.sql`update revocations set next_attempt_at = now()`

test('a revocation that fails five times waits longer each time, and then succeeds', async () => {
  const grant = await revokedGmail()
  const asked = world.timesAsked('google', revoke)
  const waits: number[] = []
  for (const fault of [{ status: 500 }, 'reset', 'garbage', { status: 503 }, { status: 429 }] as const) {
    if (fault === 'garbage') google.failNext(revoke, { status: 502, body: '<html>' })
    else google.failNext(revoke, fault)
    expect(await world.runJobs()).toBe(1)
    waits.push((await job())?.wait ?? 0)
    expect(await world.runJobs()).toBe(0)
    await makeDue()
  }
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits[4]).toBeGreaterThan(4 * (waits[0] ?? 0))
  expect(await job()).toMatchObject({ attempts: 5, dead: false })
  expect(await world.isLive('gmail', grant)).toBe(true)
  await world.runJobs()
  expect([await world.isLive('gmail', grant), await job()]).toEqual([false, undefined])
  expect(world.timesAsked('google', revoke)).toBe(asked + 6)
})

test('what fails for a day is given up on, stays visible, and tells no secret', async () => {
  const { tokens } = await revokedGmail()
  google.failNext(revoke, { status: 500, body: { error: 'backend_error', token: tokens.refresh_token } })
  await world.runJobs()
  await world.passTime(86_000)
  google.failNext(revoke, { status: 500 })
  await world.runJobs()
  expect(await job()).toMatchObject({ attempts: 2, dead: false })
  await world.passTime(86_400)
  google.failNext(revoke, { status: 500 })
  await world.runJobs()
  expect(await job()).toMatchObject({
    attempts: 3,
    dead: true,
    last_error: 'Google is unavailable: Google answered 500',
  })
  await makeDue()
  expect(await world.runJobs()).toBe(0)
  expect(world.logged.filter((line) => line.includes('gave up on a revocation'))).toHaveLength(1)
  const shown = JSON.stringify([await world.sql`select * from revocations`, world.logged])
  for (const token of [tokens.refresh_token, tokens.access_token]) expect(shown).not.toContain(token)

  expect(await listRevocations(world.services)).toEqual([
    expect.objectContaining({ platform: 'gmail', attempts: 3, lastError: expect.any(String), nextAttemptAt: null }),
  ])
  expect(await retryRevocations(world.services)).toBe(1)
  await world.runJobs()
  expect(await listRevocations(world.services)).toEqual([])
})

test('a platform can neither stop the bookkeeping with its answer nor put a job off for years', async () => {
  const person = await world.signedUpPerson()
  await connectTelegram(person)
  await person.revoke('telegram', 'twofactor')
  telegram.next('auth.logOut', { error: 'BAD\0WORD', code: 500 })
  await world.runJobs()
  expect(await job()).toMatchObject({ attempts: 1, last_error: expect.stringContaining('Telegram') })
  await makeDue()
  telegram.next('auth.logOut', { error: 'FLOOD_WAIT_999999999', code: 420 })
  await world.runJobs()
  expect((await job())?.wait).toBeLessThan(86_500)
})

test('while an old grant is being ended, a new connection waits for it; and the other way round', async () => {
  const person = await world.signedUpPerson()
  await person.connectGmail()
  await person.revoke('gmail', 'oauth2')
  const { code, state } = await person.consentAtGoogle()
  google.failNext(revoke, 'hang')
  world.services.settings.platformTimeout = 1
  const asked = world.timesAsked('google', revoke)
  const running = world.runJobs()
  await expect.poll(() => world.timesAsked('google', revoke)).toBe(asked + 1)
  const early = await person.finish('gmail', 'oauth2', { code, state })
  expect([early.status, early.headers.get('Retry-After')]).toEqual([503, '5'])
  await running

  await world.sql`update pending_authorizations set held_until = now() + interval '1 minute'`
  await makeDue()
  expect(await world.runJobs()).toBe(0)
  await world.sql`update pending_authorizations set held_until = null`
  expect((await person.finish('gmail', 'oauth2', { code, state })).status).toBe(200)
})

test('a connection goes on when the old grant has been ended at the very moment in which it would have waited', async () => {
  const person = await world.signedUpPerson()
  await person.connectGmail()
  await person.revoke('gmail', 'oauth2')
  const reply = await person.consentAtGoogle()
  await world.sql`update revocations set held_until = now() + interval '1 minute'`
  // Seen by the statement that would hold the connection, and gone for the next.
  await world.sql`
    create function end_grant() returns trigger language plpgsql as 'begin delete from revocations; return null; end'`
  await world.sql`
    create trigger end_grant before update on pending_authorizations for each statement execute function end_grant()`
  onTestFinished(async () => {
    await world.sql`drop function end_grant cascade`
  })
  expect((await person.finish('gmail', 'oauth2', reply)).status).toBe(200)
})

test('a platform that asks to wait is left alone for that long', async () => {
  const person = await world.signedUpPerson()
  await connectTelegram(person)
  await person.revoke('telegram', 'twofactor')
  telegram.next('auth.logOut', { error: 'FLOOD_WAIT_300', code: 420 })
  await world.runJobs()
  expect((await job())?.wait).toBeGreaterThan(290)
})

test('of thirty jobs that four instances run at once, each is carried out once', async () => {
  const person = await world.signedUpPerson()
  const asked = world.timesAsked('google', revoke)
  for (let jobs = 0; jobs < 30; jobs++) {
    await person.connectGmail()
    await world.sql`with gone as (delete from grants returning *)
      insert into revocations (id, user_id, platform, protocol, grant_sealed)
      select id, user_id, platform, protocol, grant_sealed from gone`
  }
  const ran = await Promise.all(
    Array.from({ length: 4 }, async () => {
      let sum = 0
      for (let tried = 1; tried > 0; sum += tried) tried = await runRevocations(world.services)
      return sum
    }),
  )
  expect(ran.reduce((sum, tried) => sum + tried)).toBe(30)
  const bodies = google.received.filter(({ path }) => path === revoke).slice(asked)
  expect([bodies.length, new Set(bodies.map(({ body }) => body)).size]).toEqual([30, 30])
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
})

test.each(names)('a job of %s is done when the token was revoked there already', async (name) => {
  const person = await world.signedUpPerson()
  await connectors[name].connect(person)
  const platform = world.services.platforms.get(name)
  await platform?.revoke(await world.grantOf(person, name), { signal: AbortSignal.timeout(5000) })
  await person.revoke(name, connectors[name].protocol)
  expect(await world.runJobs()).toBe(1)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
})

const ends = { gmail: revoke, twitter: '/1.1/oauth/invalidate_token.json', telegram: 'auth.logOut' }

test.each(names)('connecting %s again before its job succeeded: the new grant stays whole', async (name) => {
  const person = await world.signedUpPerson()
  await connectors[name].connect(person)
  await person.revoke(name, connectors[name].protocol)
  if (name === 'telegram') telegram.next(ends[name], { error: 'INTERNAL', code: 500 })
  else world.sandbox[name === 'gmail' ? 'google' : name].failNext(ends[name], { status: 500 })
  await world.runJobs()
  expect(await job()).toMatchObject({ attempts: 1 })
  expect((await connectors[name].connect(person)).status).toBe(200)
  await world.runAllJobs()
  expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  const grant = await world.grantOf(person, name)
  expect(await world.isLive(name, grant)).toBe(true)
  await person.revoke(name, connectors[name].protocol)
  await world.runAllJobs()
  expect(await world.isLive(name, grant)).toBe(false)
})
