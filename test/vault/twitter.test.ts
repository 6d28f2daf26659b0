import { beforeEach, describe, expect, test } from 'vitest'
import { twitterPeople } from '../../src/sandbox/twitter.ts'
import { agreeAtTwitter, openWalletWorld } from './wallet-world.ts'

const [one] = twitterPeople

const world = await openWalletWorld()

describe.each([
  { protocol: 'oauth', other: 'oauth2' },
  { protocol: 'oauth2', other: 'oauth' },
] as const)('Twitter by $protocol', ({ protocol, other }) => {
  beforeEach(() => world.chooseTwitter(protocol))

  test('consent, saved, revoked at Twitter', async () => {
    const person = await world.signedUpPerson()
    const started = await (await person.start('twitter', protocol)).json()
    expect(started).toEqual({ url: expect.any(String), body: '', platform: 'twitter' })

    const finished = await person.finish('twitter', protocol, await agreeAtTwitter(person, protocol))
    expect([finished.status, await finished.json()]).toEqual([200, { body: '', initialization_url: '' }])
    expect(await person.savedPlatforms()).toEqual(['twitter'])
    const grant = await world.grantOf(person, 'twitter')
    expect([grant.accountId, grant.profile.username]).toEqual([one.id, one.username])

    expect((await person.revoke('twitter', protocol, 'not the password')).status).toBe(403)
    expect((await person.revoke('twitter', protocol)).status).toBe(200)
    expect(await person.savedPlatforms()).toEqual([])
    expect(await world.isLive('twitter', grant)).toBe(true)
    await world.runJobs()
    expect(await world.isLive('twitter', grant)).toBe(false)
    expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
    expect((await person.revoke('twitter', protocol)).status).toBe(404)
  })

  test(`${other} was not chosen: 404`, async () => {
    const person = await world.signedUpPerson()
    expect((await person.start('twitter', other)).status).toBe(404)
    expect((await person.finish('twitter', other, { code: '1', oauth_token: '1', oauth_verifier: '1' })).status).toBe(
      404,
    )
    expect((await person.revoke('twitter', other)).status).toBe(404)
    expect((await person.step('twitter', protocol, 'password', { password: 'x' })).status).toBe(404)
  })

  test('a reply without what Twitter gave is refused and spends nothing', async () => {
    const person = await world.signedUpPerson()
    const reply = await agreeAtTwitter(person, protocol)
    expect((await person.finish('twitter', protocol, {})).status).toBe(400)
    expect((await person.finish('twitter', protocol, reply)).status).toBe(200)
  })

  test("one query parameter stands for the consent page's button", async () => {
    const person = await world.signedUpPerson()
    const { url } = await (await person.start('twitter', protocol)).json()
    const nobody = await fetch(`${url}&sandbox_consent=nobody`, { redirect: 'manual' })
    expect(nobody.headers.get('location')).toBeNull()
    const agreed = await fetch(`${url}&sandbox_consent=${one.username}`, { redirect: 'manual' })
    const back = Object.fromEntries(new URL(agreed.headers.get('location') ?? '').searchParams)
    expect((await person.finish('twitter', protocol, back)).status).toBe(200)
  })
})

describe('another protocol than before', () => {
  test('a grant of the earlier one is not taken for revoked', async () => {
    world.chooseTwitter('oauth')
    const person = await world.signedUpPerson()
    await person.finish('twitter', 'oauth', await agreeAtTwitter(person, 'oauth'))
    const grant = await world.grantOf(person, 'twitter')
    await person.revoke('twitter', 'oauth')
    world.chooseTwitter('oauth2')
    await world.runJobs()
    expect(await world.sql`select last_error, dead_at from revocations`).toEqual([
      { last_error: 'twitter by oauth is not configured', dead_at: null },
    ])
    world.chooseTwitter('oauth')
    await world.runAllJobs()
    expect([await world.isLive('twitter', grant), await world.stored()]).toEqual([
      false,
      { pending: 0, grants: 0, revocations: 0 },
    ])
  })
})
