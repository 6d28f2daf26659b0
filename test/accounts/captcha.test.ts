import { beforeEach, expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const checked: { token: string; remoteAddress: string | undefined }[] = []
let down = false
const captcha = {
  async check(token: string, remoteAddress?: string) {
    checked.push({ token, remoteAddress })
    if (down) throw new UnavailableError('the captcha provider')
    return token === 'token-of-a-challenge'
  },
}
const world = await openWorld({ services: { captcha, passwords: plainPasswords } })
const password = 'a passphrase of my own'

beforeEach(() => {
  checked.length = 0
  down = false
})

test.each(['/v2/signup', '/v2/login', '/v2/recovery'])(
  'POST %s needs a solved captcha, and fails closed',
  async (path) => {
    const ada = world.person()
    const post = (captcha_token?: unknown) =>
      ada.send('POST', path, { phone_number: ada.phoneNumber, password, captcha_token })
    for (const token of [undefined, null, '', 'token-of-none'])
      expect([token, (await post(token)).status]).toEqual([token, 400])
    expect(checked).toEqual([{ token: 'token-of-none', remoteAddress: '192.0.2.1' }])
    down = true
    const answer = await post('token-of-a-challenge')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/)
    down = false
    expect((await post('token-of-a-challenge')).status).toBe(path === '/v2/signup' ? 200 : 401)
  },
)

test('an unsolved captcha is no try of the password', async () => {
  const ada = world.person()
  const logIn = (captcha_token: string) =>
    ada.send('POST', '/v2/login', { phone_number: ada.phoneNumber, password, captcha_token })
  for (let attempt = 0; attempt < 6; attempt++) expect((await logIn('token-of-none')).status).toBe(400)
  expect((await logIn('token-of-a-challenge')).status).toBe(401)
})
