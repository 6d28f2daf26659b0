import { expect, onTestFinished, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { runRevocations } from '../../src/vault/run-revocations.ts'
import type { Person } from '../support/person.ts'
import { submitConsent } from '../support/submit-consent.ts'
import { googlePaths, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld()
const { mastodon } = world.sandbox
const { services } = world

/** Somebody's grant is to be ended, and somebody else is about to save the same Google account. */
async function goneAndNew() {
  const gone = await world.signedUpPerson()
  await gone.connectGmail()
  await gone.deleteAccount()
  const person = await world.signedUpPerson()
  const reply = await person.consentAtGoogle()
  return { person, finish: () => person.finish('gmail', 'oauth2', reply) }
}

/** Google's answer to a revocation comes when it's told to, or never: whether it was carried out or not, this server can't know. */
function holdRevocations(name: 'gmail' | 'mastodon', outcome: 'done' | 'lost' | 'unheard') {
  const { platforms } = services
  const platform = platforms.get(name) as Platform
  const [reached, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const revoke: Platform['revoke'] = async (grant, call) => {
    if (outcome !== 'unheard') await platform.revoke(grant, call)
    reached.resolve()
    await answer.promise
    if (outcome !== 'done') throw new UnavailableError(name)
  }
  services.platforms = new Map([...platforms, [name, { ...platform, revoke }]])
  const putBack = () => {
    services.platforms = platforms
  }
  onTestFinished(putBack)
  const running = runRevocations(services)
  return {
    reached: reached.promise,
    async end() {
      answer.resolve()
      await running
      putBack()
    },
  }
}

/** Whatever the wallet says is true. */
async function expectHonest(person: Person) {
  if (!(await person.savedPlatforms()).includes('gmail')) return
  expect(await world.isLive('gmail', await world.grantOf(person, 'gmail'))).toBe(true)
}

test("a save waits while another user's grant of the account is being ended, and goes on when that has failed", async () => {
  const { person, finish } = await goneAndNew()
  const revocation = holdRevocations('gmail', 'unheard')
  await revocation.reached
  const early = await finish()
  expect([early.status, early.headers.get('Retry-After')]).toEqual([503, '5'])
  await revocation.end()
  expect((await finish()).status).toBe(200)
  await world.runAllJobs()
  expect(await person.savedPlatforms()).toEqual(['gmail'])
  await expectHonest(person)
})

test.each(['done', 'lost'] as const)(
  'what an ending took along is not saved, its answer being %s: a new consent is, and stays',
  async (outcome) => {
    const { person, finish } = await goneAndNew()
    const { status } = await (async () => {
      world.sandbox.google.failNext(googlePaths.user, { status: 500 })
      return finish()
    })()
    expect(status).toBe(503)
    const revocation = holdRevocations('gmail', outcome)
    await revocation.reached
    expect((await finish()).status).toBe(403)
    expect(await person.savedPlatforms()).toEqual([])
    await revocation.end()
    expect((await person.connectGmail()).status).toBe(200)
    await world.runAllJobs()
    expect(await person.savedPlatforms()).toEqual(['gmail'])
    await expectHonest(person)
  },
)

test('an ending that comes between the look-up and the save is noticed: the grant is looked up once more', async () => {
  const connect = async (person: Person) => {
    const { url } = await (await person.start('mastodon', 'oauth2')).json()
    const back = await submitConsent('Mastodon', url, { personId: mastodon.people[0]?.id ?? '' })
    return () => person.finish('mastodon', 'oauth2', { code: back.get('code') ?? '' })
  }
  const [gone, person] = [await world.signedUpPerson(), await world.signedUpPerson()]
  expect((await (await connect(gone))()).status).toBe(200)
  await gone.deleteAccount()
  const finish = await connect(person)
  const lookedUp = () => mastodon.received.filter(({ path }) => path === '/api/v1/accounts/verify_credentials').length
  const before = lookedUp()
  let finishing: Promise<{ status: number }> | undefined
  await world.sql.begin(async (tx) => {
    // Saving begins with the user's row.
    await tx`select from users where id = ${person.uid} for update`
    finishing = finish()
    await expect.poll(lookedUp).toBe(before + 1)
    expect(await runRevocations(services)).toBe(1)
  })
  expect((await finishing)?.status).toBe(403)
  expect(lookedUp()).toBe(before + 2)
  expect(await person.savedPlatforms()).toEqual([])
})

test('a runner that stood still past its claim takes what was saved meanwhile out of the wallet', async () => {
  const { person, finish } = await goneAndNew()
  const revocation = holdRevocations('gmail', 'unheard')
  await revocation.reached
  await world.sql`update revocations set held_until = now() - interval '1 minute', next_attempt_at = 'infinity'`
  expect((await finish()).status).toBe(200)
  await revocation.end()
  expect(await person.savedPlatforms()).toEqual(['gmail'])

  const { person: other, finish: save } = await goneAndNewAfter(person)
  const stopped = holdRevocations('gmail', 'done')
  await stopped.reached
  await world.sql`update revocations set held_until = now() - interval '1 minute', next_attempt_at = 'infinity'`
  await other.start('gmail', 'oauth2')
  expect((await save()).status).not.toBe(200)
  await stopped.end()
  await expectHonest(other)
})

async function goneAndNewAfter(person: Person) {
  await person.deleteAccount()
  await world.sql`truncate revocations`
  return goneAndNew()
}

test('whoever deletes, connects and runs jobs at the same time: no wallet shows what is dead', async () => {
  for (let round = 0; round < 4; round++) {
    const { person, finish } = await goneAndNew()
    const [first] = await Promise.all([finish(), runRevocations(services), runRevocations(services)])
    let { status } = first
    for (let tries = 0; tries < 5 && status === 503; tries++) status = (await finish()).status
    expect([200, 403]).toContain(status)
    await expectHonest(person)
    await world.runAllJobs()
    await expectHonest(person)
    expect(await person.savedPlatforms()).toEqual(status === 200 ? ['gmail'] : [])
    expect((await person.deleteAccount()).status).toBe(200)
    await world.runAllJobs()
  }
})

test('a revocation of an earlier version, which knows no account, is carried out as any other', async () => {
  const { person, finish } = await goneAndNew()
  await world.sql`update revocations set account_index = null`
  const revocation = holdRevocations('gmail', 'unheard')
  await revocation.reached
  expect((await finish()).status).toBe(503)
  await revocation.end()
  expect((await finish()).status).toBe(200)
  await world.runAllJobs()
  await expectHonest(person)
  expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
})
