import { expect, test } from 'vitest'
import { ada, agreeAtTwitter, googlePaths, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld()
const telegram = ['telegram', 'twofactor'] as const

test.each<[how: string, paste: (code: string) => string]>([
  ['with white space around', (code) => ` ${code}\r\n`],
  ['with invisible characters', (code) => `\u202a\ufeff${code.slice(0, 9)}\u200b${code.slice(9)}\u202c\u00a0`],
  ['as the address bar shows it', (code) => encodeURIComponent(code)],
  [
    'with all of the address',
    (code) => `http://localhost:18000/platforms/gmail/?state=x&code=${encodeURIComponent(code)}&scope=email`,
  ],
])("Gmail's code may be pasted %s", async (_, paste) => {
  const person = await world.signedUpPerson()
  const { code, state } = await person.consentAtGoogle()
  expect((await person.finish('gmail', 'oauth2', { code: paste(code), state: ` ${state}\n` })).status).toBe(200)
})

test.each([
  ...[' ', '\u202e', '4/0Ab\nCd', '4/0Ab\u00e9', '\u06f4/0Ab', '4%2F0Ab%', '%E0%A4%A', '%00', '4%0A0'],
  ...['http://localhost:18000/?error=access_denied', '?code=&state=x', '🔑'],
])('%j is no code: 400, Gmail is not asked, and what was begun can be finished', async (typed) => {
  const person = await world.signedUpPerson()
  const { code } = await person.consentAtGoogle()
  const asked = world.timesAsked('google', googlePaths.token)
  expect((await person.finish('gmail', 'oauth2', { code: typed })).status).toBe(400)
  expect(world.timesAsked('google', googlePaths.token)).toBe(asked)
  expect((await person.finish('gmail', 'oauth2', { code })).status).toBe(200)
})

test("Twitter's token and verifier may have white space around, and what is none is 400 and spends nothing", async () => {
  world.chooseTwitter('oauth')
  const person = await world.signedUpPerson()
  const reply = await agreeAtTwitter(person, 'oauth')
  for (const [name, value] of Object.entries(reply))
    for (const wrong of [`${value}é`, `a\n${value}`])
      expect((await person.finish('twitter', 'oauth', { ...reply, [name]: wrong })).status).toBe(400)
  const pasted = Object.fromEntries(Object.entries(reply).map(([name, value]) => [name, `\u200e ${value}\n`]))
  expect((await person.finish('twitter', 'oauth', pasted)).status).toBe(200)
})

test.each([
  '12345\n',
  '123 45',
  '۱۲۳۴۵',
  '\u2066১২৩৪৫\u2069',
  '１２３４５',
  'Login code: 12345. Do not give this code to anyone!',
  12_345,
])("Telegram's code may be entered as %j", async (code) => {
  const person = await world.signedUpPerson()
  await person.start(...telegram, { phone_number: ada })
  const path = `/v2/users/${person.uid}/platforms/telegram/protocols/twofactor`
  expect((await person.send('PUT', path, { code })).status).toBe(200)
})

test.each(['123456789', '12345 54321', '\u202e', '...', '12 or 34'])(
  '%j is no code: 400, and Telegram is not asked',
  async (code) => {
    const person = await world.signedUpPerson()
    await person.start(...telegram, { phone_number: ada })
    const asked = world.timesAsked('telegram', 'auth.signIn')
    expect((await person.finish(...telegram, { code })).status).toBe(400)
    expect(world.timesAsked('telegram', 'auth.signIn')).toBe(asked)
    expect((await person.finish(...telegram, { code: '12345' })).status).toBe(200)
  },
)

test.each([
  ['an anonymous number', '+88808362472', '+888 0836 2472', '12345'],
  ['a test number', '+9996611502', '00999 66 11502', '11111'],
  ['a number of a plan that its country has given up', '+22997123456', 'tel:+229-97-12-34-56', '12345'],
])('%s reaches Telegram, however it is written', async (_, number, written, code) => {
  const person = await world.signedUpPerson()
  expect((await person.start(...telegram, { phone_number: number })).status).toBe(200)
  expect(world.sandbox.telegram.received.at(-1)).toMatchObject({ method: 'auth.sendCode', phoneNumber: number })
  expect((await person.finish(...telegram, { phone_number: written, code })).status).toBe(200)
})

test('of a number Telegram says what is wrong, but for what is none at all', async () => {
  const person = await world.signedUpPerson()
  const asked = () => world.timesAsked('telegram', 'auth.sendCode')
  const before = asked()
  for (const phone_number of ['call me', '12', `+${'1'.repeat(16)}`])
    expect((await person.start(...telegram, { phone_number })).status).toBe(400)
  expect(asked()).toBe(before)
  expect((await person.start(...telegram, { phone_number: '+1234567' })).status).toBe(400)
  expect(asked()).toBe(before + 1)
})
