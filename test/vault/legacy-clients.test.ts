import { describe, expect, test } from 'vitest'
import { randomPhoneNumber } from '../support/person.ts'
import { openWorld } from '../support/world.ts'
import { ada, connectTelegram, openWalletWorld } from './wallet-world.ts'

describe.each([
  { clients: 'new clients', legacy: false },
  { clients: 'clients of the original server (LEGACY_CLIENTS)', legacy: true },
])('$clients', async ({ legacy }) => {
  const world = await openWalletWorld(legacy ? { LEGACY_CLIENTS: 'true' } : {})
  const twitter = legacy ? 'oauth2' : 'oauth'
  const path = (uid: string, platform = 'gmail/protocols/oauth2') => `/v2/users/${uid}/platforms/${platform}`

  test(`read errors as ${legacy ? 'bare text' : 'JSON strings'}, whatever the status`, async () => {
    const person = await world.signedUpPerson()
    const stranger = world.person()
    const telegram = path(person.uid, 'telegram/protocols/twofactor')
    world.sandbox.telegram.next('auth.sendCode', { error: 'FLOOD_WAIT_30', code: 420 })
    world.sandbox.telegram.next('auth.sendCode', { error: 'INTERNAL', code: 500 })
    await world.sql`alter table pending_authorizations rename to elsewhere`
    const broken = await person.send('PUT', path(person.uid), { code: '1' })
    await world.sql`alter table elsewhere rename to pending_authorizations`
    const answers = [
      await person.send('POST', path(person.uid), '{"malformed'),
      await stranger.send('POST', path(person.uid)),
      await person.send('DELETE', path(person.uid), { password: 'not the password' }),
      await person.send('POST', path(person.uid, 'pigeon/protocols/oauth2')),
      await person.send('GET', '/v2/nothing/here'),
      await person.send('PATCH', path(person.uid)),
      await world.person({ phoneNumber: person.phoneNumber }).send('POST', '/v2/signup', {
        phone_number: person.phoneNumber,
        password: person.password,
      }),
      await person.send('PUT', path(person.uid), { code: 'x'.repeat(70_000) }),
      await person.send('POST', path(person.uid), 'a=b', { 'Content-Type': 'text/plain' }),
      await person.send('PUT', path(person.uid), await person.consentAtGoogle({ scopes: [] })),
      await person.send('POST', telegram, { phone_number: ada }),
      await person.send('POST', telegram, { phone_number: ada }),
      broken,
    ]
    const seen = await Promise.all(
      answers.map(async (answer) => [
        answer.status,
        answer.headers.get('Content-Type')?.split(';')[0],
        await answer.text(),
      ]),
    )
    const words = [
      [400, 'bad request'],
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [404, 'not found'],
      [404, 'not found'],
      [405, 'method not allowed'],
      [409, 'conflict'],
      [413, 'too large'],
      [415, 'unsupported media type'],
      [422, 'unprocessable'],
      [429, 'too many requests'],
      [503, 'unavailable'],
      [500, 'internal server error'],
    ] as const
    expect(seen).toEqual(
      words.map(([status, word]) => [
        status,
        legacy ? 'text/plain' : 'application/json',
        legacy ? word : JSON.stringify(word),
      ]),
    )
  })

  test('read the states of Telegram', async () => {
    const person = await world.signedUpPerson()
    const phone_number = randomPhoneNumber()
    const [sent, needed] = legacy ? [201, 202] : ['201', '202']
    const started = await person.start('telegram', 'twofactor', { phone_number })
    expect((await started.json()).body).toBe(sent)
    const finished = await person.finish('telegram', 'twofactor', { phone_number, code: '12345' })
    expect(await finished.json()).toEqual({
      body: needed,
      initialization_url: '/platforms/telegram/protocols/twofactor/register',
    })
    expect(await (await connectTelegram(person)).json()).toEqual({ body: '', initialization_url: '' })
  })

  test("see the platforms, and Twitter's protocol", async () => {
    const person = await world.signedUpPerson()
    const { unsaved_platforms: platforms } = await person.api.listPlatforms(person.param)
    const description = legacy
      ? { en: expect.any(String), fr: expect.any(String), fa: expect.any(String) }
      : expect.any(String)
    for (const platform of platforms) expect(platform.description).toEqual(description)
    expect(platforms.find(({ name }) => name === 'twitter')?.initialization_url).toBe(
      `/platforms/twitter/protocols/${twitter}`,
    )
  })

  test('start a connection', async () => {
    const person = await world.signedUpPerson()
    const more = legacy ? { code_verifier: expect.stringMatching(/^[\w~.-]{43,128}$/) } : {}
    for (const [name, protocol] of [
      ['gmail', 'oauth2'],
      ['twitter', twitter],
    ] as const) {
      const started = await (await person.start(name, protocol)).json()
      expect(started).toEqual({ url: expect.any(String), body: '', platform: name, ...more })
    }
  })

  test('change a password', async () => {
    const person = await world.signedUpPerson()
    await person.connectGmail()
    expect((await person.changePassword('another passphrase of mine')).status).toBe(200)
    expect(await world.stored()).toEqual({ pending: 0, grants: legacy ? 0 : 1, revocations: legacy ? 1 : 0 })
  })

  test('go through the whole of it with the habits of the original web app', async () => {
    const headers = { 'Content-Type': 'application/json', Origin: 'http://localhost:18000' }
    const person = await world.signedUpPerson()
    const send = (method: string, where: string, body?: object) =>
      person.send(method, where, body ?? '', method === 'GET' ? { 'Content-Type': 'application/json' } : headers)
    for (const [name, protocol] of [
      ['gmail', 'oauth2'],
      ['twitter', twitter],
    ] as const) {
      const where = path(person.uid, `${name}/protocols/${protocol}`)
      const { url, code_verifier } = await (await send('POST', where)).json()
      const who = name === 'gmail' ? 'ada@example.com' : 'sandbox_one'
      const agreed = await fetch(`${url}&sandbox_consent=${who}`, { redirect: 'manual' })
      const back = new URL(agreed.headers.get('location') ?? '').searchParams
      const body = {
        code: back.get('code') ?? '',
        oauth_token: back.get('oauth_token') ?? '',
        oauth_verifier: back.get('oauth_verifier') ?? '',
        scope: null,
        phone_number: '',
        ...(code_verifier && { code_verifier }),
      }
      const finished = await send('PUT', where, body)
      expect([finished.status, finished.headers.get('Access-Control-Allow-Origin')]).toEqual([200, headers.Origin])
    }
    expect((await send('DELETE', path(person.uid), { password: person.password })).status).toBe(200)
    expect((await send('POST', `/v2/users/${person.uid}/logout`)).status).toBe(200)
  })
})

describe('LEGACY_CLIENTS', async () => {
  const env = { LEGACY_CLIENTS: 'true', TWITTER_PROTOCOL: 'oauth', PASSWORD_CHANGE_PURGES_GRANTS: 'false' }
  const world = await openWorld({ env })

  test('gives way to a setting of its own', () => {
    const { settings } = world.services
    expect([settings.legacyClients, settings.passwordChangePurgesGrants]).toEqual([true, false])
  })
})
