import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { afterAll, expect, test } from 'vitest'
import { ApiError, type ClientOptions, cookieJar, createClient } from '../../client/src/index.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true })
const server = createAdaptorServer({ fetch: (request) => world.fetch(request) }) as Server
server.listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => server.close())

const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`
const password = 'a passphrase of my own'
const open = (options: Partial<ClientOptions> = {}) => createClient({ baseUrl, cookies: cookieJar(), ...options })

async function signedUp() {
  const api = open()
  const phone_number = randomPhoneNumber()
  const { uid: user_id } = await api.startSignup({ phone_number, password })
  await api.sendCode({ user_id, phone_number })
  await api.checkCode({ code: world.phone.lastCodeTo(phone_number) })
  await api.finishSignup()
  return { api, phone_number, user_id }
}

async function signedIn() {
  const person = await signedUp()
  await person.api.logIn({ phone_number: person.phone_number, password })
  return person
}

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  )

test('a script signs up, signs in, looks around and signs out, over a real connection', async () => {
  const { api, user_id } = await signedIn()
  const { createdAt, updatedAt } = await api.readDashboard({ user_id })
  expect(updatedAt).toBe(createdAt)
  const { saved_platforms, unsaved_platforms } = await api.listPlatforms({ user_id })
  expect(saved_platforms).toEqual([])
  expect(unsaved_platforms.map(({ name }) => name)).toContain('gmail')
  expect(await api.logOut({ user_id })).toEqual({})
  expect(await caught(api.readDashboard({ user_id }))).toMatchObject({ status: 401, code: 'unauthorized' })
})

test('a refusal is an error that says why', async () => {
  const error = await caught(open().logIn({ phone_number: '', password }))
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({
    name: 'ApiError',
    status: 400,
    code: 'bad_request',
    message: 'missing or invalid fields',
    fields: ['phone_number'],
    retryAfterSeconds: undefined,
    requestId: expect.stringMatching(/^[\w-]+$/),
  })
})

test('a limit says when to come again', async () => {
  const { api, phone_number } = await signedUp()
  const { uid: user_id } = await api.startRecovery({ phone_number })
  await api.sendCode({ user_id, phone_number }).catch(() => undefined)
  const error = await caught(api.sendCode({ user_id, phone_number }))
  expect(error).toMatchObject({ status: 429, code: 'too_many_requests', retryAfterSeconds: expect.any(Number) })
})

test('a refusal can be looked at instead', async () => {
  const { api, user_id } = await signedIn()
  const answer = await api.changePassword.response({
    user_id,
    password: 'not mine',
    new_password: 'another one of mine',
  })
  expect(answer.status).toBe(403)
  expect(answer.ok).toBe(false)
  if (answer.status === 403) expect((await answer.json()).code).toBe('forbidden')
})

test('the jar of one client signs another one in; a client without it stays outside', async () => {
  const cookies = cookieJar()
  const { phone_number, user_id } = await signedUp()
  await open({ cookies }).logIn({ phone_number, password })
  expect((await open({ cookies }).readDashboard.response({ user_id })).status).toBe(200)
  expect((await open().readDashboard.response({ user_id })).status).toBe(401)
})

test('headers of the client and of one call are sent', async () => {
  const { api, user_id } = await signedIn()
  const gmail = async (headers?: Record<string, string>) =>
    (await api.listPlatforms({ user_id }, headers && { headers })).unsaved_platforms.find(
      ({ name }) => name === 'gmail',
    )
  expect((await gmail({ 'Accept-Language': 'fr' }))?.description).not.toBe((await gmail())?.description)
  expect(
    await caught(open({ headers: { 'User-Agent': '' } }).logIn({ phone_number: '+237670000000', password })),
  ).toMatchObject({
    fields: ['User-Agent'],
  })
})

test('the whole of the API does what its name says', async () => {
  const { api, phone_number, user_id } = await signedIn()
  const gmail = { user_id, platform: 'gmail', protocol: 'oauth2' }
  const { url, platform } = await api.startGrant(gmail)
  expect([new URL(url).protocol, platform]).toEqual(['http:', 'gmail'])
  expect(await caught(api.finishGrant({ ...gmail, code: 'no code' }))).toMatchObject({ code: 'forbidden' })
  expect(await caught(api.takeGrantStep({ ...gmail, action: 'register' }))).toMatchObject({ code: 'not_found' })
  expect(await caught(api.revokeGrant({ ...gmail, password }))).toMatchObject({ code: 'not_found' })
  await api.changePassword({ user_id, password, new_password: 'a second passphrase' })
  expect(await api.verifyUser({ user_id, password: 'a second passphrase' })).toEqual({ uid: user_id })
  await world.passTime(86_400)
  await api.startRecovery({ phone_number })
  await api.sendCode({ user_id, phone_number })
  await api.checkCode({ code: world.phone.lastCodeTo(phone_number) })
  await api.finishRecovery({ user_id, new_password: 'a third passphrase' })
  await api.logIn({ phone_number, password: 'a third passphrase' })
  expect(await api.deleteUser({ user_id, password: 'a third passphrase' })).toEqual({})
})
