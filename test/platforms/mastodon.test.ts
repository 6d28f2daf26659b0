import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  accountPath,
  grantOf,
  type MastodonWorld,
  one,
  openMastodonWorld,
  redirectUri,
  refused,
  revokePath,
  signal,
  tokenPath,
  two,
  unavailable,
} from '../support/mastodon-world.ts'
import { submitConsent } from '../support/submit-consent.ts'

let world: MastodonWorld
beforeAll(async () => {
  world = await openMastodonWorld()
})
afterAll(() => world.instance.close())

describe('connecting', () => {
  test('connects an account, posts with its grant until it is revoked, and not after', async () => {
    const { url, pending, ...rest } = await world.started()
    const consentUrl = new URL(url)
    expect(consentUrl.origin + consentUrl.pathname).toBe(`${world.instance.url}/oauth/authorize`)
    expect(Object.fromEntries(consentUrl.searchParams)).toEqual({
      response_type: 'code',
      client_id: world.instance.clientId,
      redirect_uri: redirectUri,
      state: pending.state,
      scope: 'profile write:statuses',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect({ ...rest, pending }).toEqual({
      codeVerifier: pending.codeVerifier,
      pending: { state: expect.any(String), codeVerifier: expect.stringMatching(/^[\w-]{43}$/), redirectUri },
    })

    const { code, state } = await world.allow(url, two.id)
    const reply = { code, state, codeVerifier: String(pending.codeVerifier) }
    const grant = grantOf(await world.driver().finish({ pending, reply, signal }))
    expect(grant).toEqual({
      accountId: `${two.id}@127.0.0.1`,
      tokens: { url: world.instance.url, accessToken: expect.any(String), scope: 'profile write:statuses' },
      profile: { name: two.name, username: two.username, url: `${world.instance.url}/@${two.username}` },
    })

    expect((await world.post(grant, 'before')).status).toBe(200)
    await world.driver().revoke(grant, { signal })
    expect((await world.post(grant, 'after')).status).toBe(401)
    expect(world.instance.statuses).toEqual([{ id: expect.any(String), accountId: two.id, text: 'before' }])
  })

  test('puts no secret into an address', async () => {
    const grant = await world.connected()
    await world.driver().revoke(grant, { signal })
    expect(world.instance.received.filter(({ path }) => path !== '/oauth/authorize')).not.toHaveLength(0)
    for (const { path, query } of world.instance.received) if (path !== '/oauth/authorize') expect(query).toEqual({})
  })

  test('tells the same account id of two instances apart', async () => {
    const elsewhere = await openMastodonWorld({ hostname: 'localhost' })
    const [here, there] = [await world.connected(), await elsewhere.connected()]
    await elsewhere.instance.close()
    expect([here.accountId, there.accountId]).toEqual([`${one.id}@127.0.0.1`, `${one.id}@localhost`])
  })

  test('knows an account by its id, whatever its name', async () => {
    const before = await world.connected()
    const { id } = one
    const renamed = { id, acct: 'renamed', display_name: '', url: `${world.instance.url}/@renamed` }
    world.instance.failNext(accountPath, { status: 200, body: renamed })
    const after = await world.connected()
    expect(after.profile).toEqual({ name: '', username: 'renamed', url: renamed.url })
    expect(after.accountId).toBe(before.accountId)
  })

  test.for([
    ['https://mastodon.social', 'https://mastodon.social/oauth/authorize'],
    ['https://mastodon.social/', 'https://mastodon.social/oauth/authorize'],
    ['https://mastodon.social/home', 'https://mastodon.social/oauth/authorize'],
    ['http://localhost:3000', 'http://localhost:3000/oauth/authorize'],
  ] as const)('finds the page of %s', async ([baseUrl, page]) => {
    const { url } = await world.started(world.driver({ baseUrl }))
    expect(url.split('?')[0]).toBe(page)
  })
})

describe('refusing', () => {
  test('a missing code by name, also after Cancel', async () => {
    const { url, pending } = await world.started()
    const back = Object.fromEntries(await submitConsent('Mastodon', url, 'cancel'))
    expect(back).toMatchObject({ error: 'access_denied', state: pending.state })
    const finishing = world.driver().finish({ pending, reply: { state: String(pending.state) }, signal })
    await expect(finishing).rejects.toMatchObject({ refusal: 'bad_request', details: { fields: ['code'] } })
  })

  test('a wrong state or verifier without asking Mastodon, and the code still works', async () => {
    const { finish } = await world.agreed()
    const requestsBefore = world.instance.received.length
    await expect(finish({ state: 'guess' })).rejects.toMatchObject(refused)
    await expect(finish({ codeVerifier: 'guess' })).rejects.toMatchObject(refused)
    expect(world.instance.received).toHaveLength(requestsBefore)
    await finish({ state: '', codeVerifier: '' })
  })

  test('a code that was made for another pending authorization, made up, used, or ten minutes old', async () => {
    const [ada, bola] = [await world.agreed(), await world.agreed(two.id)]
    await expect(ada.finish({ code: bola.code })).rejects.toMatchObject(refused)
    await expect(ada.finish({ code: 'guess' })).rejects.toMatchObject(refused)
    const pending = { ...ada.pending, redirectUri: 'https://elsewhere.example/' }
    const elsewhere = world.driver().finish({ pending, reply: { code: ada.code }, signal })
    await expect(elsewhere).rejects.toMatchObject(refused)
    await ada.finish()
    await expect(ada.finish()).rejects.toMatchObject(refused)

    world.clock.now += 600_000
    await expect(bola.finish()).rejects.toMatchObject(refused)
  })

  test.for(['profile', 'write:statuses', ''])('a permission of only "%s"', async (scope) => {
    const { finish } = await world.agreed()
    const body = { access_token: 'a', token_type: 'Bearer', scope, created_at: 0 }
    world.instance.failNext(tokenPath, { status: 200, body })
    await expect(finish()).rejects.toMatchObject({ refusal: 'unprocessable' })
  })

  test('an account that may not act, or whose owner took the permission back meanwhile', async () => {
    for (const [status, error] of [
      [403, 'Your login is currently disabled'],
      [403, 'Your login is currently pending approval'],
      [401, 'The access token was revoked'],
    ] as const) {
      const { finish } = await world.agreed()
      world.instance.failNext(accountPath, { status, body: { error } })
      await expect(finish()).rejects.toMatchObject(refused)
    }
  })
})

describe('revoking', () => {
  test('is done when the grant was gone already, or never known', async () => {
    const grant = await world.connected()
    await world.driver().revoke(grant, { signal })
    await world.driver().revoke(grant, { signal })
    await world.driver().revoke({ ...grant, tokens: { ...grant.tokens, accessToken: 'unknown' } }, { signal })
  })

  test('leaves other people alone', async () => {
    const [ada, bola] = [await world.connected(), await world.connected(two.id)]
    await world.driver().revoke(ada, { signal })
    expect((await world.post(bola, 'still here')).status).toBe(200)
  })

  test('ends every grant of the account: Mastodon gives one token again and again', async () => {
    const [first, second] = [await world.connected(), await world.connected()]
    expect(second.tokens.accessToken).toBe(first.tokens.accessToken)
    await world.driver().revoke(first, { signal })
    expect((await world.post(second, 'gone too')).status).toBe(401)
    expect((await world.connected()).tokens.accessToken).not.toBe(first.tokens.accessToken)
    expect(world.driver()).not.toHaveProperty('separateGrants')
  })

  test('never shows a token to another instance, and stays to be done', async () => {
    const grant = await world.connected()
    const other = await openMastodonWorld({ hostname: 'localhost' })
    await expect(other.driver().revoke(grant, { signal })).rejects.toMatchObject(unavailable)
    expect(other.instance.received).toEqual([])
    await other.instance.close()
    expect((await world.post(grant, 'still here too')).status).toBe(200)
  })

  test('is done when the sandbox was started anew, at another port, and has forgotten the grant', async () => {
    const grant = await world.connected()
    const again = await openMastodonWorld()
    await again.driver().revoke(grant, { signal })
    expect(again.timesAsked(revokePath)).toBe(1)
    await again.instance.close()
  })

  test('is not taken for done when the app is not the one of the grant', async () => {
    const grant = await world.connected()
    const revoking = world.driver({ clientSecret: 'wrong' }).revoke(grant, { signal })
    await expect(revoking).rejects.toMatchObject({ ...unavailable, cause: { status: 403 } })
    expect(world.timesAsked(revokePath)).toBeGreaterThan(0)
    expect((await world.post(grant, 'and still')).status).toBe(200)
  })
})

test('is unavailable, and says why in the log only, when the operator has set a wrong secret', async () => {
  const { pending, code, finish } = await world.agreed()
  const finishing = world.driver({ clientSecret: 'wrong' }).finish({ pending, reply: { code }, signal })
  await expect(finishing).rejects.toMatchObject({ ...unavailable, cause: { status: 401, kind: 'invalid_client' } })
  await finish()
})
