import { expect, test } from 'vitest'
import { openWorld } from '../support/world.ts'
import { googlePaths, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld()
const gmail = 'platforms/gmail/protocols/oauth2'

test('Gmail: consent, saved, revoked at Google', async () => {
  const person = await world.signedUpPerson()
  const started = await person.start('gmail', 'oauth2')
  expect(started.status).toBe(200)
  const { url, body, platform, ...rest } = await started.json()
  expect([body, platform, rest]).toEqual(['', 'gmail', {}])
  const asked = Object.fromEntries(new URL(url).searchParams)
  expect(asked).toMatchObject({ access_type: 'offline', prompt: 'consent', code_challenge_method: 'S256' })
  expect(asked.redirect_uri).toBe(`http://localhost:18000/${gmail}/redirect_codes/`)
  expect(asked.scope?.split(' ').map((scope) => scope.replace(/.*auth\//, ''))).toEqual([
    'openid',
    'userinfo.email',
    'userinfo.profile',
    'gmail.send',
  ])

  const finished = await person.connectGmail()
  expect([finished.status, await finished.json()]).toEqual([200, { body: '', initialization_url: '' }])
  expect(await person.savedPlatforms()).toEqual(['gmail'])
  const grant = await world.grantOf(person, 'gmail')
  expect(grant.profile).toEqual({ name: 'Ada Sandbox', email: 'ada@example.com' })
  expect(await world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })

  expect((await person.revoke('gmail', 'oauth2', 'not the password')).status).toBe(403)
  expect(await person.savedPlatforms()).toEqual(['gmail'])
  const revoked = await person.revoke('gmail', 'oauth2')
  expect([revoked.status, await revoked.json()]).toEqual([200, {}])
  expect(await person.savedPlatforms()).toEqual([])
  expect(await world.isLive('gmail', grant)).toBe(true)
  await world.runJobs()
  expect(await world.isLive('gmail', grant)).toBe(false)
  expect((await person.revoke('gmail', 'oauth2')).status).toBe(404)
})

test('what shipped clients send along is taken', async () => {
  const person = await world.signedUpPerson()
  const { code, state } = await person.consentAtGoogle()
  const path = `/v2/users/${person.uid}/${gmail}`
  const body = { code, state, scope: null, oauth_token: '', oauth_verifier: '', phone_number: '', code_verifier: null }
  expect((await person.send('PUT', path, body)).status).toBe(200)
})

test('without the permission to send e-mail nothing is saved, and what was given is ended: 422', async () => {
  const person = await world.signedUpPerson()
  expect((await person.connectGmail({ scopes: [] })).status).toBe(422)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
  const before = world.timesAsked('google', googlePaths.revoke)
  await world.runJobs()
  expect(world.timesAsked('google', googlePaths.revoke)).toBe(before + 1)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
})

test.each([
  ['gmail', 'oauth'],
  ['gmail', 'twofactor'],
  ['twitter', 'oauth2'],
  ['telegram', 'oauth2'],
  ['pigeon', 'oauth2'],
  ['constructor', 'oauth2'],
])('%s by %s is not there', async (platform, protocol) => {
  const person = await world.signedUpPerson()
  const answers = [
    await person.start(platform, protocol),
    await person.finish(platform, protocol, { code: '1' }),
    await person.step(platform, protocol, 'password', { password: 'x' }),
    await person.revoke(platform, protocol),
  ]
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
})

test.each(['register', 'password', 'code', 'constructor'])('Gmail has no step %s', async (action) => {
  const person = await world.signedUpPerson()
  await person.consentAtGoogle()
  expect((await person.step('gmail', 'oauth2', action, { password: 'x', first_name: 'x' })).status).toBe(404)
})

test('each platform is listed once, saved or unsaved', async () => {
  const person = await world.signedUpPerson()
  await person.connectGmail()
  const { saved_platforms: saved, unsaved_platforms: unsaved } = await person.api.listPlatforms(person.param)
  const row = ({ name, initialization_url, type, letter, logo }: (typeof saved)[number]) =>
    [name, initialization_url, type, letter, logo].join(' ')
  expect(saved.map(row)).toEqual([`gmail /${gmail} email g /public/gmail.svg`])
  expect(unsaved.map(row)).toEqual([
    'twitter /platforms/twitter/protocols/oauth text t /public/twitter.svg',
    'telegram /platforms/telegram/protocols/twofactor messaging T /public/telegram.svg',
    'mastodon /platforms/mastodon/protocols/oauth2 text m /public/mastodon.svg',
  ])
  for (const { logo } of [...saved, ...unsaved]) {
    const answer = await person.fetch(`http://api.test${logo}`)
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'image/svg+xml'])
  }
})

test('a platform without credentials is not listed and answers 404', async () => {
  const twitterOnly = await openWorld({ env: { TWITTER_API_KEY: 'key', TWITTER_API_KEY_SECRET: 'secret' } })
  const person = await twitterOnly.signedUpPerson()
  const listed = await person.api.listPlatforms(person.param)
  expect(listed.saved_platforms).toEqual([])
  expect(listed.unsaved_platforms.map(({ name }) => name)).toEqual(['twitter'])
  expect((await person.start('gmail', 'oauth2')).status).toBe(404)
  expect((await person.start('telegram', 'twofactor', { phone_number: '+12025550101' })).status).toBe(404)
  expect((await person.revoke('gmail', 'oauth2')).status).toBe(404)
})
