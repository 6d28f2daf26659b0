import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type GmailWorld,
  openGmailWorld,
  revokePath,
  signal,
  tokenPath,
  unavailable,
  userPath,
} from '../support/gmail-world.ts'

let world: GmailWorld
beforeEach(async () => {
  world = await openGmailWorld()
})
afterEach(() => world.google.close())

describe('a Google that is down', () => {
  const faults = [
    ['an error', { status: 500 }],
    ['a repeated error word', { status: 503, body: { error: 'backend_error' } }],
    ['a refusal of our own credentials', { status: 401, body: { error: 'invalid_client' } }],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' } }],
    ['garbage', 'garbage'],
    ['other JSON', { status: 200, body: ['surprise'] }],
    ['null', { status: 200, body: null }],
    ['a broken connection', 'reset'],
    ['a lost answer', 'lost'],
  ] as const

  test.each(faults)('is unavailable at the exchange, asked once: %s', async (_, fault) => {
    const { finish, reply, pending } = await world.agreed()
    world.google.failNext(tokenPath, fault)
    const error = await finish().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...unavailable, cause: expect.any(Error) })
    expect(world.timesAsked(tokenPath)).toBe(1)
    expect(world.timesAsked('/elsewhere')).toBe(0)
    expectNoSecrets(error, [reply.code, String(pending.codeVerifier), world.google.clientSecret])
  })

  test.each(faults)('is unavailable at the user info, asked once: %s', async (_, fault) => {
    const { finish, reply } = await world.agreed()
    world.google.failNext(userPath, fault)
    const error = await finish().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...unavailable, cause: expect.any(Error) })
    expect(world.timesAsked(userPath)).toBe(1)
    const token = world.google.received.at(-1)?.authorization?.replace('Bearer ', '') ?? ''
    expect(world.google.isLive(token)).toBe(true)
    expectNoSecrets(error, [reply.code, token, world.google.clientSecret])
  })

  // A 200 is a revocation, whatever it says.
  test.each(faults.filter(([, fault]) => (typeof fault === 'string' ? fault !== 'garbage' : fault.status !== 200)))(
    'is unavailable at the revocation, and may be asked again: %s',
    async (_, fault) => {
      const grant = await world.connected()
      world.google.failNext(revokePath, fault)
      const error = await world
        .driver()
        .revoke(grant, { signal })
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ ...unavailable, cause: expect.any(Error) })
      expect(world.timesAsked(revokePath)).toBe(1)
      expectNoSecrets(error, [String(grant.tokens.refresh_token), String(grant.tokens.access_token)])
      await world.driver().revoke(grant, { signal })
      expect((await world.refreshed(grant)).status).toBe(400)
    },
  )

  test.each([tokenPath, userPath, revokePath])('is not waited for after the signal: %s', async (path) => {
    const grant = await world.connected()
    const { reply, pending } = await world.agreed()
    const askedBefore = world.timesAsked(path)
    world.google.failNext(path, 'hang')
    const limit = new AbortController()
    const call =
      path === revokePath
        ? world.driver().revoke(grant, limit)
        : world.finishWith({ pending, reply: { code: reply.code }, signal: limit.signal })
    const error = call.catch((thrown: unknown) => thrown)
    await expect.poll(() => world.timesAsked(path)).toBe(askedBefore + 1)
    limit.abort()
    expect(await error).toMatchObject(unavailable)
    expect(world.timesAsked(path)).toBe(askedBefore + 1)
    expectNoSecrets(await error, [reply.code, world.google.clientSecret, String(grant.tokens.refresh_token)])
  })

  test('is unavailable when our own secret is wrong', async () => {
    const { pending, reply } = await world.agreed()
    const wrong = world.driver({ clientSecret: 'wrong' }).finish({ pending, reply: { code: reply.code }, signal })
    await expect(wrong).rejects.toMatchObject({
      ...unavailable,
      cause: { message: 'Google answered 401 invalid_client' },
    })
  })

  test('is unavailable when it does not listen', async () => {
    const { finish } = await world.agreed()
    await world.google.close()
    await expect(finish()).rejects.toMatchObject({ ...unavailable, cause: expect.any(Error) })
  })

  function expectNoSecrets(error: unknown, secrets: string[]) {
    const shown = inspect(error, { depth: null, showHidden: true })
    for (const secret of secrets) {
      expect(secret).not.toBe('')
      expect(shown).not.toContain(secret)
    }
  }
})
