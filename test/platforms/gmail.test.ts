import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gmail } from '../../src/platforms/gmail.ts'
import {
  type GmailWorld,
  grantOf,
  openGmailWorld,
  redirectUri,
  refused,
  revokePath,
  sendScope,
  signal,
  tokenPath,
  unavailable,
  userPath,
} from '../support/gmail-world.ts'
import { consent } from '../support/google-consent.ts'

let world: GmailWorld
beforeEach(async () => {
  world = await openGmailWorld()
})
afterEach(() => world.google.close())

describe('connecting', () => {
  test('asks for lasting permission to send, with state and PKCE', async () => {
    const { url, pending, codeVerifier } = await world.started()
    const consentQuery = Object.fromEntries(new URL(url).searchParams)
    expect(url).toMatch(`${world.google.url}/o/oauth2/v2/auth?`)
    expect(consentQuery).toEqual({
      response_type: 'code',
      client_id: world.google.clientId,
      redirect_uri: redirectUri,
      access_type: 'offline',
      prompt: 'consent',
      scope: `openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile ${sendScope}`,
      state: pending.state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(pending).toEqual({ state: expect.stringMatching(/^[\w-]{43}$/), codeVerifier, redirectUri })
    expect((await world.started()).pending.state).not.toBe(pending.state)
  })

  test('goes to Google itself when no other host is given', async () => {
    const begun = await gmail({ clientId: 'id', clientSecret: 'secret' }).start({ redirectUri, signal })
    expect('url' in begun && begun.url).toMatch('https://accounts.google.com/o/oauth2/v2/auth?')
  })

  test('turns a consent into a grant that the gateway can use', async () => {
    const { finish, reply, pending } = await world.agreed()
    const grant = grantOf(await finish({ state: reply.state, codeVerifier: String(pending.codeVerifier) }))
    expect(grant).toEqual({
      accountId: expect.stringMatching(/./),
      profile: { name: 'Ada Sandbox', email: 'ada@example.com' },
      tokens: {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expiry_date: expect.any(Number),
        scope: expect.stringContaining(sendScope),
        token_type: 'Bearer',
      },
    })
    expect(grant.tokens.expiry_date).toBeGreaterThan(Date.now())
    expect((await world.refreshed(grant)).status).toBe(200)
  })

  test('knows an account by its id, whatever its address', async () => {
    const before = await world.connected()
    world.google.changeAddress('ada@example.com', 'ada@example.org')
    const after = await world.connected({ person: 'ada@example.org' })
    const other = await world.connected({ person: 'bola@example.com' })
    expect(after.profile.email).toBe('ada@example.org')
    expect(after.accountId).toBe(before.accountId)
    expect(other.accountId).not.toBe(before.accountId)
  })

  test('takes the OpenID name of the account id too', async () => {
    world.google.failNext(userPath, { status: 200, body: { sub: '117', email: 'ada@example.com' } })
    expect(await world.connected()).toMatchObject({ accountId: '117', profile: { email: 'ada@example.com' } })
  })
})

describe('refusing', () => {
  test('a missing code', async () => {
    const { pending } = await world.started()
    await expect(world.finishWith({ pending, reply: {} })).rejects.toMatchObject({
      ...refused('bad_request'),
      details: { fields: ['code'] },
    })
  })

  test('a state or verifier that was not given out, before Google sees the code', async () => {
    const { finish, reply } = await world.agreed()
    await expect(finish({ state: `${reply.state}x` })).rejects.toMatchObject(refused('forbidden'))
    await expect(finish({ state: '' })).rejects.toMatchObject(refused('forbidden'))
    await expect(finish({ codeVerifier: 'A'.repeat(43) })).rejects.toMatchObject(refused('forbidden'))
    expect(world.timesAsked(tokenPath)).toBe(0)
    await expect(finish({ state: reply.state })).resolves.toHaveProperty('grant')
  })

  test('a code that is made up, used already, or from another start', async () => {
    const ada = await world.agreed()
    const bola = await world.agreed({ person: 'bola@example.com' })
    await expect(ada.finish({ code: '4/0made-up' })).rejects.toMatchObject(refused('forbidden'))
    await expect(ada.finish({ code: bola.reply.code })).rejects.toMatchObject(refused('forbidden'))
    await ada.finish()
    await expect(ada.finish()).rejects.toMatchObject(refused('forbidden'))
  })

  test('a permission without the one to send', async () => {
    const { finish, reply } = await world.agreed({ scopes: [] })
    expect(reply.scope).not.toContain(sendScope)
    await expect(finish()).rejects.toMatchObject(refused('unprocessable'))
  })

  test('a permission that does not last', async () => {
    const { url, pending } = await world.started()
    const { code } = await consent(url.replace('access_type=offline', 'access_type=online'))
    await expect(world.finishWith({ pending, reply: { code } })).rejects.toMatchObject(refused('unprocessable'))
  })

  test('for as long as Google asks to wait', async () => {
    const later = new Date(Date.now() + 90_000).toUTCString()
    for (const [headers, atLeast, atMost] of [
      [{ 'retry-after': '7' }, 7, 7],
      [{ 'retry-after': later }, 60, 90],
      [{}, 60, 60],
    ] as const) {
      world.google.failNext(tokenPath, { status: 429, headers })
      const error = await (await world.agreed()).finish().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject(refused('too_many_requests'))
      const { retryAfterSeconds } = (error as { details: { retryAfterSeconds: number } }).details
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(atLeast)
      expect(retryAfterSeconds).toBeLessThanOrEqual(atMost)
    }
  })
})

describe('revoking', () => {
  test('ends the grant, both tokens, and names no token in a URL', async () => {
    const grant = await world.connected()
    await world.driver().revoke(grant, { signal })
    expect(world.google.isLive(String(grant.tokens.access_token))).toBe(false)
    expect((await world.refreshed(grant)).status).toBe(400)
    expect(world.google.received.filter(({ query }) => JSON.stringify(query).includes('token'))).toEqual([])
  })

  test('is done when the grant was gone already', async () => {
    const grant = await world.connected()
    await world.driver().revoke(grant, { signal })
    await expect(world.driver().revoke(grant, { signal })).resolves.toBeUndefined()
  })

  test('leaves other people alone', async () => {
    const [ada, bola] = [await world.connected(), await world.connected({ person: 'bola@example.com' })]
    await world.driver().revoke(ada, { signal })
    expect((await world.refreshed(bola)).status).toBe(200)
  })

  test('is to be retried when Google rate limits', async () => {
    const grant = await world.connected()
    world.google.failNext(revokePath, { status: 429, headers: { 'retry-after': '30' } })
    await expect(world.driver().revoke(grant, { signal })).rejects.toMatchObject({
      ...unavailable,
      retryAfterSeconds: 30,
    })
    await world.driver().revoke(grant, { signal })
    expect((await world.refreshed(grant)).status).toBe(400)
  })
})
