import { describe, expect, test } from 'vitest'
import { telegramAccounts, telegramPassword } from '../../src/sandbox/telegram/well-known-accounts.ts'
import { runtimes } from '../support/open-target.ts'
import { openRuntimeWorld } from '../support/runtime-world.ts'
import { submitConsent } from '../support/submit-consent.ts'
import { connectTelegram, connectTwitter } from '../vault/wallet-world.ts'

describe.each(runtimes)('on %s', async (runtime) => {
  const world = await openRuntimeWorld([runtime])
  const [, twoStep] = telegramAccounts

  test('a person signs up, signs in, and saves Gmail until she takes it back', async () => {
    const ada = world.person(runtime)
    expect((await ada.startSignUp()).status).toBe(200)
    expect((await ada.sendCode()).status).toBe(201)
    expect((await ada.enterCode('000000')).status).toBe(403)
    expect((await ada.enterCode()).status).toBe(200)
    expect((await ada.finishSignUp()).status).toBe(200)
    expect((await ada.logIn()).status).toBe(200)
    expect((await ada.dashboard()).status).toBe(200)

    expect((await ada.connectGmail()).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual(['gmail'])
    expect((await ada.connectGmail()).status).toBe(409)
    expect((await ada.revoke('gmail', 'oauth2', 'not the password')).status).toBe(403)
    expect((await ada.revoke('gmail', 'oauth2')).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual([])
    const revoked = () => world.sandbox.google.received.filter(({ path }) => path === '/oauth2/revoke').length
    await expect.poll(revoked).toBe(1)
  })

  test('Twitter is saved and taken back', async () => {
    const ada = await world.signedUpPerson(runtime)
    expect((await connectTwitter(ada, 'oauth')).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual(['twitter'])
    expect((await ada.revoke('twitter', 'oauth')).status).toBe(200)
  })

  test('Mastodon is saved and taken back', async () => {
    const ada = await world.signedUpPerson(runtime)
    const { url } = await (await ada.start('mastodon', 'oauth2')).json()
    const back = await submitConsent('Mastodon', url, { personId: world.sandbox.mastodon.people[0]?.id ?? '' })
    expect((await ada.finish('mastodon', 'oauth2', { code: back.get('code') })).status).toBe(200)
    expect((await ada.revoke('mastodon', 'oauth2')).status).toBe(200)
  })

  test('Telegram is saved with its code, and with a two-step password', async () => {
    const ada = await world.signedUpPerson(runtime)
    expect((await connectTelegram(ada)).status).toBe(200)
    const again = await ada.start('telegram', 'twofactor', { phone_number: '+12025550101' })
    expect((await again.json()).body).toBe('200')
    expect((await ada.revoke('telegram', 'twofactor')).status).toBe(200)

    const needs = await connectTelegram(ada, twoStep?.phoneNumber)
    expect((await needs.json()).body).toBe('202')
    expect((await ada.step('telegram', 'twofactor', 'password', { password: 'wrong' })).status).toBe(403)
    expect((await ada.step('telegram', 'twofactor', 'password', { password: telegramPassword })).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual(['telegram'])
    expect((await ada.step('telegram', 'twofactor', 'elsewhere', {})).status).toBe(404)
  })

  test('a lost password is replaced, and every session and grant of before ends', async () => {
    const ada = await world.signedUpPerson(runtime)
    const browser = ada.elsewhere()
    await browser.startRecovery()
    expect((await browser.finishRecovery('a new passphrase of mine')).status).toBe(403)
    expect((await browser.sendCode()).status).toBe(201)
    expect((await browser.enterCode()).status).toBe(200)
    expect((await browser.finishRecovery('a new passphrase of mine')).status).toBe(200)
    expect((await ada.dashboard()).status).toBe(401)
    expect((await ada.logIn()).status).toBe(401)
    expect((await ada.logIn('a new passphrase of mine')).status).toBe(200)
  })

  test('a password is changed, a session is left, an account is deleted', async () => {
    const ada = await world.signedUpPerson(runtime)
    const other = ada.elsewhere()
    await other.logIn()
    expect((await ada.changePassword('a second passphrase', 'wrong')).status).toBe(403)
    expect((await ada.changePassword('a second passphrase')).status).toBe(200)
    ada.password = 'a second passphrase'
    expect((await other.dashboard()).status).toBe(401)
    const { cookie } = ada
    expect((await ada.logOut()).status).toBe(200)
    ada.cookie = cookie
    expect((await ada.dashboard()).status).toBe(401)
    expect((await ada.send('POST', `/v2/users/${ada.uid}/verify`, { password: ada.password })).status).toBe(200)
    expect((await ada.deleteAccount('wrong')).status).toBe(403)
    expect((await ada.deleteAccount()).status).toBe(200)
    expect((await ada.logIn()).status).toBe(401)
  })

  test('limits hold: one of twenty parallel sends goes out, and the sixth wrong password is not looked at', async () => {
    const ada = world.person(runtime)
    await ada.startSignUp()
    const sent: number[] = await Promise.all(Array.from({ length: 20 }, async () => (await ada.sendCode()).status))
    expect(sent.filter((status) => status === 201)).toHaveLength(1)
    expect(sent.filter((status) => status === 429)).toHaveLength(19)
    expect(world.sms.messages.filter(({ to }) => to === ada.phoneNumber)).toHaveLength(1)

    const grace = await world.signedUpPerson(runtime)
    const tried: number[] = []
    for (let attempt = 0; attempt < 6; attempt++) tried.push((await grace.logIn('wrong')).status)
    expect(tried).toEqual([401, 401, 401, 401, 401, 429])
  })

  test.each([
    ['malformed JSON', 'POST', '/v2/login', '{', {}, 400],
    ['a missing field', 'POST', '/v2/login', '{}', {}, 400],
    ['a NUL in a string', 'POST', '/v2/login', '{"phone_number":"\\u0000","password":"x"}', {}, 400],
    ['no session', 'GET', '/v2/users/00000000-0000-4000-8000-000000000000/dashboard', undefined, {}, 401],
    ['a foreign origin', 'POST', '/v2/login', '{}', { Origin: 'https://elsewhere.example' }, 403],
    ['an unknown path', 'GET', '/v2/nowhere', undefined, {}, 404],
    ['a wrong method', 'PATCH', '/v2/login', undefined, {}, 405],
    ['too large a body', 'POST', '/v2/login', `{"x":"${'x'.repeat(65_536)}"}`, {}, 413],
    ['another content type', 'POST', '/v2/login', 'x=1', { 'Content-Type': 'text/plain' }, 415],
  ] as const)('%s is refused', async (_, method, path, body, headers, status) => {
    const response = await world.person(runtime).send(method, path, body, headers)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual(expect.any(String))
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  test('the document and the logos are served', async () => {
    const person = world.person(runtime)
    expect((await person.send('GET', '/v2/openapi.json')).status).toBe(200)
    expect((await person.send('GET', '/public/gmail.svg')).headers.get('Content-Type')).toBe('image/svg+xml')
  })
})
