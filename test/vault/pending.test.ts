import { beforeEach, describe, expect, test } from 'vitest'
import type { Person } from '../support/person.ts'
import { ada, agreeAtTwitter, openWalletWorld } from './wallet-world.ts'

type Reply = Parameters<Person['finish']>[2]
type Platform = {
  name: string
  protocol: string
  /** Starts, and comes back with what the platform gives. */
  agree: (person: Person) => Promise<Reply>
  /** The reply of somebody else's consent, or with one thing wrong in it. */
  wrong: readonly string[]
}

const world = await openWalletWorld()

const platforms: readonly Platform[] = [
  {
    name: 'gmail',
    protocol: 'oauth2',
    agree: (person) => person.consentAtGoogle(),
    wrong: ['code', 'state', 'code_verifier'],
  },
  {
    name: 'twitter',
    protocol: 'oauth',
    agree: (person) => agreeAtTwitter(person, 'oauth'),
    wrong: ['oauth_token', 'oauth_verifier'],
  },
  {
    name: 'twitter',
    protocol: 'oauth2',
    agree: (person) => agreeAtTwitter(person, 'oauth2'),
    wrong: ['code', 'state', 'code_verifier'],
  },
  {
    name: 'telegram',
    protocol: 'twofactor',
    agree: async (person) => {
      await person.start('telegram', 'twofactor', { phone_number: ada })
      return { phone_number: ada, code: '12345' }
    },
    wrong: ['code', 'phone_number'],
  },
]

describe.each(platforms)('a pending authorization of $name by $protocol', ({ name, protocol, agree, wrong }) => {
  beforeEach(() => world.chooseTwitter(protocol === 'oauth2' ? 'oauth2' : 'oauth'))
  const finish = async (person: Person, reply: Reply) => (await person.finish(name, protocol, reply)).status
  const people = () => Promise.all([world.signedUpPerson(), world.signedUpPerson()])

  test('is of one user and one session', async () => {
    const [owner, stranger] = await people()
    const reply = await agree(owner)
    expect(await finish(stranger, reply)).toBe(403)
    const thief = Object.assign(owner.elsewhere(), { cookie: stranger.cookie })
    expect(await finish(thief, reply)).toBe(401)
    const elsewhere = owner.elsewhere()
    await elsewhere.logIn()
    expect(await finish(elsewhere, reply)).toBe(403)
    expect(await finish(owner, reply)).toBe(200)
  })

  test('takes no reply of somebody else who has started too', async () => {
    const [owner, stranger] = await people()
    await agree(stranger)
    const reply = await agree(owner)
    if (name !== 'telegram') expect(await finish(stranger, reply)).toBe(403)
    expect(await world.stored()).toMatchObject({ grants: 0 })
    expect(await finish(owner, reply)).toBe(200)
  })

  test('works once', async () => {
    const [owner, stranger] = await people()
    const reply = await agree(owner)
    expect(await finish(owner, reply)).toBe(200)
    expect(await finish(owner, reply)).toBe(409)
    expect(await finish(stranger, reply)).toBe(403)
    await owner.revoke(name, protocol)
    expect(await finish(owner, reply)).toBe(403)
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
  })

  test('lives ten minutes', async () => {
    const [owner] = await people()
    const reply = await agree(owner)
    await world.passTime(590)
    const [row] = await world.sql<{ live: boolean }[]>`select expires_at > now() as live from pending_authorizations`
    expect(row?.live).toBe(true)
    await world.passTime(11)
    expect(await finish(owner, reply)).toBe(403)
    expect(await world.stored()).toMatchObject({ grants: 0 })
  })

  test.each(wrong)('refuses a wrong %s', async (field) => {
    const [owner] = await people()
    const reply = await agree(owner)
    const other = { phone_number: '+12025550103' }[field] ?? '54321'
    expect(await finish(owner, { ...reply, [field]: other })).toBe(403)
    // Elsewhere than at Telegram a refused reply has spent it: guessing takes a new consent each time.
    expect(await finish(owner, reply)).toBe(name === 'telegram' ? 200 : 403)
  })

  test('is replaced by a second start', async () => {
    const [owner] = await people()
    const first = await agree(owner)
    const second = await agree(owner)
    expect(await world.stored()).toMatchObject({ pending: 1 })
    if (name !== 'telegram') {
      expect(await finish(owner, first)).toBe(403)
      expect(await finish(owner, await agree(owner))).toBe(200)
    } else expect(await finish(owner, second)).toBe(200)
  })

  test('finished twice at once, saves one grant', async () => {
    const [owner] = await people()
    const reply = await agree(owner)
    const statuses = await Promise.all([finish(owner, reply), finish(owner, reply), finish(owner, reply)])
    expect(statuses.sort()).toEqual([200, 409, 409])
    expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  })

  test('ends with its session: by logging out, by recovery, by deleting the account', async () => {
    const [owner] = await people()
    const reply = await agree(owner)
    const cookie = owner.cookie
    await owner.logOut()
    expect(await world.stored()).toMatchObject({ pending: 0 })
    expect(await finish(Object.assign(owner, { cookie }), reply)).toBe(401)
    await owner.logIn()
    expect(await finish(owner, reply)).toBe(403)

    const again = await agree(owner)
    const phone = owner.elsewhere()
    await world.sql`delete from code_waits`
    await phone.startRecovery()
    await phone.sendCode()
    await phone.enterCode()
    expect((await phone.finishRecovery('another passphrase of mine')).status).toBe(200)
    expect(await finish(owner, again)).toBe(401)
    await owner.logIn('another passphrase of mine')
    expect(await finish(owner, again)).toBe(403)
    await agree(owner)
    await owner.deleteAccount('another passphrase of mine')
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  })

  test('shows nothing in the database, and opens nowhere else', async () => {
    const [owner, stranger] = await people()
    const reply = await agree(owner)
    const [row] = await world.sql`select pending_sealed from pending_authorizations`
    const sealed = String(row?.pending_sealed)
    const opened = await world.services.seal.open(sealed, await placeOf())
    const secrets = Object.values(JSON.parse(opened) as Record<string, string>)
    expect(secrets.length).toBeGreaterThan(1)
    const rows = JSON.stringify(await world.sql`select * from pending_authorizations`)
    for (const secret of secrets) expect(rows + world.logged.join()).not.toContain(secret)

    // Even who can write to the database can't hand it to another user.
    await agree(stranger)
    await world.sql`update pending_authorizations set pending_sealed = ${sealed}`
    expect(await finish(stranger, reply)).toBe(500)
    expect(await world.stored()).toMatchObject({ grants: 0 })
  })
})

async function placeOf() {
  const [row] = await world.sql<{ id: string; user_id: string }[]>`select id, user_id from pending_authorizations`
  return { table: 'pending_authorizations', column: 'pending', row: row?.id ?? '', user: row?.user_id ?? '' }
}
