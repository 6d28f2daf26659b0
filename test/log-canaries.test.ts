import { afterAll, expect, test } from 'vitest'
import { findLeaks, noteSecret, noteSecretsSealed, refuseLeaks } from './support/canaries.ts'
import { plainPasswords } from './support/plain-passwords.ts'
import { openWorld } from './support/world.ts'

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })
const ada = await world.signedUpPerson()
await ada.connectGmail()
const [grant] = await world.sql<{ id: string; user_id: string; grant_sealed: string }[]>`select * from grants`
const place = { table: 'grants', column: 'grant', row: grant?.id ?? '', user: grant?.user_id ?? '' }
const { accountId, tokens, profile } = JSON.parse(await world.services.seal.open(grant?.grant_sealed ?? '', place))

test.each([
  ['a number', ada.phoneNumber],
  ['a number without its +', ada.phoneNumber.slice(1)],
  ['a number without its country', ada.phoneNumber.slice(4)],
  ['a code', ada.lastCode],
  ['a password', ada.password],
  ['a session', ada.cookie],
  ['a platform token', tokens.access_token],
  ["a platform's id of an account", accountId],
  ['an address', profile.email],
  ['an address in a URL', encodeURIComponent(profile.email)],
])('%s in a log line is found', (_, secret) => {
  for (const line of [
    secret,
    JSON.stringify({ level: 'warn', message: `of ${secret}`, secret }),
    `12:00:00 warn ${secret} {}`,
  ]) {
    expect(findLeaks(line)).not.toEqual([])
    expect(() => refuseLeaks(`a line\n${line}\nanother`)).toThrow('the log holds secrets')
  }
})

test('what only looks like one is not', () => {
  noteSecret('code', '123456')
  for (const line of [
    'took 0.123456 s',
    '127.0.0.1:123456',
    'a-123456',
    '0123456',
    'SMS to +237670000001: Your code is 123456',
  ])
    expect(findLeaks(line)).toEqual([])
})

test('quotes in a secret do not hide it from the log', () => {
  noteSecretsSealed(JSON.stringify({ tokens: { token: 'to"k\\en-of-mine' } }), 'grant')
  expect(findLeaks(JSON.stringify({ message: 'to"k\\en-of-mine' }))).toHaveLength(1)
})

test('a leak fails the file whose world wrote it', async () => {
  const leaky = await openWorld({ services: { passwords: plainPasswords } })
  leaky.services.log.info('signed in', { phoneNumber: ada.phoneNumber })
  leaky.logged.length = 0
  await expect(leaky.close()).rejects.toThrow('the log holds secrets')
  await expect(leaky.close()).resolves.toBeUndefined()
})

afterAll(() => expect(world.logged.filter((line) => line.includes('"error"'))).toEqual([]))
