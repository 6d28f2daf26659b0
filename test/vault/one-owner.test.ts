import { describe, expect, test } from 'vitest'
import type { Person } from '../support/person.ts'
import { ada, connectors, connectTelegram, connectTwitter, openWalletWorld } from './wallet-world.ts'

describe('one platform account belongs to one user', async () => {
  const world = await openWalletWorld()

  test.each(['gmail', 'twitter', 'telegram'] as const)(
    '%s: the same account, by the same or another user: 409',
    async (name) => {
      const { connect, protocol } = connectors[name]
      const [owner, other] = [await world.signedUpPerson(), await world.signedUpPerson()]
      expect((await connect(owner)).status).toBe(200)
      const grant = await world.grantOf(owner, name)

      // Telegram answers its own user's start with "200": there's nothing to finish.
      expect((await connect(owner)).status).toBe(409)
      expect((await connect(other)).status).toBe(409)
      expect([await owner.savedPlatforms(), await other.savedPlatforms()]).toEqual([[name], []])
      expect(await world.isLive(name, grant)).toBe(true)
      await world.runAllJobs()
      expect(await world.isLive(name, grant)).toBe(true)
      expect(await world.stored()).toMatchObject({ grants: 1, revocations: 0 })

      // The owner's word is what counts: after it the other may.
      await owner.revoke(name, protocol)
      await world.runAllJobs()
      expect((await connect(other)).status).toBe(200)
    },
  )

  test("Telegram: the refused authorization is ended by a job, the owner's is not", async () => {
    const [owner, other] = [await world.signedUpPerson(), await world.signedUpPerson()]
    await connectTelegram(owner)
    const before = world.timesAsked('telegram', 'auth.logOut')
    expect((await connectTelegram(other)).status).toBe(409)
    expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 1 })
    await world.runJobs()
    expect(world.timesAsked('telegram', 'auth.logOut')).toBe(before + 1)
    expect(await world.isLive('telegram', await world.grantOf(owner, 'telegram'))).toBe(true)
  })

  test('a user has one account of a platform: another one is refused too', async () => {
    const owner = await world.signedUpPerson()
    await owner.connectGmail()
    expect((await owner.connectGmail({ account: 'bola@example.com' })).status).toBe(409)
    expect((await world.grantOf(owner, 'gmail')).profile.email).toBe('ada@example.com')
  })

  test('it is the account that counts, not its address', async () => {
    const [owner, other] = [await world.signedUpPerson(), await world.signedUpPerson()]
    await owner.connectGmail({ account: 'chidi@example.com' })
    world.sandbox.google.changeAddress('chidi@example.com', 'chidi.new@example.com')
    const { url } = await (await other.start('gmail', 'oauth2')).json()
    const back = await fetch(`${url}&sandbox_consent=chidi.new@example.com`, { redirect: 'manual' })
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code')
    expect((await other.finish('gmail', 'oauth2', { code })).status).toBe(409)
  })

  test('two users who finish with one account at once: one 200, one 409', async () => {
    const people = [await world.signedUpPerson(), await world.signedUpPerson()]
    for (const person of people) await person.start('telegram', 'twofactor', { phone_number: ada })
    const codes = await Promise.all(people.map((person) => person.consentAtGoogle()))
    const statuses = async (finish: (person: Person, at: number) => Promise<{ status: number }>) =>
      (await Promise.all(people.map(finish))).map(({ status }) => status).sort()
    expect(await statuses((person, at) => person.finish('gmail', 'oauth2', codes[at] ?? {}))).toEqual([200, 409])
    expect(await statuses((person) => person.finish('telegram', 'twofactor', { code: '12345' }))).toEqual([200, 409])
    expect(await world.stored()).toEqual({ pending: 0, grants: 2, revocations: 2 })
  })

  test("Twitter by oauth2: the refused attempt leaves the owner's token alive", async () => {
    world.chooseTwitter('oauth2')
    const [owner, other] = [await world.signedUpPerson(), await world.signedUpPerson()]
    await connectTwitter(owner, 'oauth2')
    expect((await connectTwitter(other, 'oauth2')).status).toBe(409)
    expect((await connectTwitter(owner, 'oauth2')).status).toBe(409)
    await world.runAllJobs()
    expect(await world.isLive('twitter', await world.grantOf(owner, 'twitter'))).toBe(true)
  })
})
