import { createHash } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openWorld } from '../support/world.ts'

/** A list of breached passwords, as it answers to ranges: by the first five digits of a SHA-1. */
const breached = new Map<string, number>()
const rangeRequests: { path: string; padding: string | undefined }[] = []
const answerRange: RequestListener = ({ url = '', headers }, response) => {
  rangeRequests.push({ path: url, padding: headers['add-padding']?.toString() })
  const prefix = url.split('/').at(-1) ?? ''
  const lines = [...breached]
    .filter(([hash]) => hash.startsWith(prefix))
    .map(([hash, times]) => `${hash.slice(5)}:${times}`)
  response.end(
    ['0018A45C4D1DEF81644B54AB7F969B88D65:3', ...lines, '00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0'].join('\r\n'),
  )
}
let answer = answerRange
const server = createServer((request, response) => answer(request, response))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`
const world = await openWorld({ env: { BREACHED_PASSWORDS_URL: url } })

afterAll(async () => {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
})

beforeEach(() => {
  answer = answerRange
  rangeRequests.length = 0
  world.logged.length = 0
})

const sha1 = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase()

async function signUpWith(password: string): Promise<number> {
  const ada = world.person()
  ada.password = password
  return (await ada.startSignUp()).status
}

describe('a password that is breached', () => {
  const known = 'a passphrase that was stolen'
  breached.set(sha1(known), 12)

  test('is refused at sign-up, at a change and at a recovery', async () => {
    expect(await signUpWith(known)).toBe(400)
    const ada = await world.signedUpPerson()
    expect((await ada.changePassword(known)).status).toBe(400)
    const browser = await ada.recovering()
    expect((await browser.finishRecovery(known)).status).toBe(400)
    expect((await browser.finishRecovery('a passphrase that was not')).status).toBe(200)
  })

  test('is asked for at the list itself, and nowhere that it redirects to', async () => {
    answer = (request, response) => {
      if (request.url?.startsWith('/elsewhere/')) return answerRange(request, response)
      response.writeHead(302, { Location: `/elsewhere/${request.url?.split('/').at(-1)}` }).end()
    }
    expect(await signUpWith(known)).toBe(200)
    expect(rangeRequests).toEqual([])
  })

  test('is asked for by five digits of its hash, and its answer is padded', async () => {
    await signUpWith(known)
    expect(rangeRequests).toEqual([{ path: `/range/${sha1(known).slice(0, 5)}`, padding: 'true' }])
  })

  test('is refused however its letters were typed', async () => {
    expect(await signUpWith(known.replace('passphrase', '\uff50assphrase'))).toBe(400)
  })

  test('says so by the name of its field', async () => {
    const body = { phone_number: world.person().phoneNumber, password: known }
    const refused = await world.person().send('POST', '/v2/signup', body, { Accept: 'application/problem+json' })
    expect(await refused.json()).toMatchObject({ code: 'bad_request', fields: ['password'] })
  })

  test('is taken when the list only pads its answer with it', async () => {
    breached.set(sha1('a passphrase for padding'), 0)
    expect(await signUpWith('a passphrase for padding')).toBe(200)
  })
})

test.each<[string, RequestListener]>([
  ['is down', (_, response) => response.writeHead(503).end('down')],
  ['hangs up', (_, response) => response.destroy()],
  ['answers something else', (_, response) => response.end('<html>sign in to the network</html>')],
  ['never answers', () => undefined],
])('a list that %s keeps nobody from signing up', async (fault, answering) => {
  answer = answering
  const password = `a passphrase while it ${fault}`
  breached.set(sha1(password), 1)
  expect(await signUpWith(password)).toBe(200)
  if (fault !== 'answers something else')
    expect(world.logged.join()).toContain('could not check for breached passwords')
  expect(world.logged.join()).not.toContain(password)
  expect(world.logged.join()).not.toContain(sha1(password))
})

test.each([
  ['in capitals', 'PASSWORD123'],
  ['in full-width letters', '\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44123'],
  ['as it is', 'iloveyou1'],
])('a common password %s is refused', async (_, password) => {
  expect(await signUpWith(password)).toBe(400)
  expect(rangeRequests).toEqual([])
})

test('a password may have any characters, from 8 to 256 of them, and needs no kinds', async () => {
  for (const password of [
    'xkqvwzjp',
    '        \0'.slice(0, 8),
    'пароль-ада',
    '🔑🔑🔑🔑🔑🔑🔑🔑',
    `${'z'.repeat(255)}é`,
  ]) {
    expect([password, await signUpWith(password)]).toEqual([password, 200])
  }
  for (const password of ['', 'xkqvwzj', '🔑🔑🔑🔑🔑🔑🔑', 'z'.repeat(257)]) {
    expect([password, await signUpWith(password)]).toEqual([password, 400])
  }
})
