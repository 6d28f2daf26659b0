import { expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

/** What a network may do here in an hour. */
const quota = { signups: 8, recoveries: 6, tries: 10, codes: 4 }
let hashed = 0
const world = await openWorld({
  services: {
    passwords: {
      hash: (password) => {
        hashed++
        return plainPasswords.hash(password)
      },
      verify: (password, phc) => {
        hashed++
        return plainPasswords.verify(password, phc)
      },
    },
  },
  env: {
    ...behindProxy,
    HIDE_ACCOUNTS: 'true',
    LOGIN_NETWORK_TRIES: `${quota.tries}`,
    SIGNUP_NETWORK_HOURLY: `${quota.signups}`,
    RECOVERY_NETWORK_HOURLY: `${quota.recoveries}`,
    SMS_NETWORK_DAILY: `${quota.codes}`,
  },
})
const requestsOfEach = 48

const address = () => `198.51.100.${Math.floor(Math.random() * 250) + 1}`
const user = () => `/v2/users/${crypto.randomUUID()}`
const wallet = () => `${user()}/platforms/gmail/protocols/oauth2`
const number = () => ({ phone_number: randomPhoneNumber() })
const passwords = { password: 'a passphrase to try', new_password: 'a passphrase to set' }

/** Each operation of the document, as often as a stranger likes and about somebody else each time; then what there isn't. */
const requests: [method: string, path: () => string, body: () => object][] = [
  ['POST', () => '/v2/login', () => ({ ...number(), ...passwords })],
  ['POST', () => `${user()}/verify`, () => passwords],
  ['POST', () => '/v2/signup', () => ({ ...number(), ...passwords })],
  ['PUT', () => '/v2/signup', () => ({})],
  ['POST', () => '/v2/recovery', number],
  ['PUT', () => `${user()}/recovery`, () => passwords],
  ['POST', () => `${user()}/OTP`, number],
  ['PUT', () => '/v2/OTP', () => ({ code: '123456' })],
  ['POST', () => `${user()}/logout`, () => ({})],
  ['POST', () => `${user()}/password`, () => passwords],
  ['DELETE', user, () => passwords],
  ['GET', () => `${user()}/dashboard`, () => ({})],
  ['GET', () => `${user()}/platforms`, () => ({})],
  ['POST', wallet, number],
  ['PUT', wallet, () => ({ code: 'a guess' })],
  ['PUT', () => `${wallet()}/register`, () => ({ ...number(), code: '12345' })],
  ['DELETE', wallet, () => passwords],
  ['GET', () => `/${crypto.randomUUID()}`, () => ({})],
  ['PATCH', () => '/v2/login', number],
  ['POST', () => '/v2/login', () => ({ phone_number: crypto.randomUUID() })],
]

async function countRows(): Promise<Record<string, number>> {
  const tables = await world.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await world.sql`select count(*)::int as rows from ${world.sql(name)}`
    if (row?.rows > 0) counts[name] = row?.rows
  }
  return counts
}

/** What a stranger's sessions lead to: codes asked for and guessed. */
async function goOnWith(begin: 'startSignUp' | 'startRecovery'): Promise<void> {
  const person = visitor(world, address())
  const { status } = await person[begin]()
  if (status !== 200) return
  for (let round = 0; round < 3; round++) {
    await person.sendCode()
    for (let guess = 0; guess < 8; guess++) await person.send('PUT', '/v2/OTP', { code: '000001' })
  }
}

test('a thousand requests of a stranger leave few rows, log lines, hashes and messages, whatever they ask', async () => {
  const statuses: Record<number, number> = {}
  for (const [method, path, body] of requests) {
    const answers = times(requestsOfEach, () =>
      visitor(world, address()).send(method, path(), method === 'GET' ? undefined : body()),
    )
    for (const [status, count] of Object.entries(await countStatuses(answers)))
      statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count
  }
  // Those that a stranger's own sessions allow; what is begun is within the limits above.
  await world.sql`delete from limit_counts where name in ('signups', 'recoveries')`
  for (let begun = 0; begun < 12; begun++) {
    await goOnWith('startSignUp')
    await goOnWith('startRecovery')
  }
  expect(Object.values(statuses).reduce((sum, count) => sum + count)).toBe(requests.length * requestsOfEach)
  expect(Object.keys(statuses).filter((status) => Number(status) >= 500)).toEqual([])

  const rows = await countRows()
  const begun = 2 * (quota.signups + quota.recoveries)
  // A row for each wrong password, for each wrong code of those that were sent, and one an hour for each limit that was run into.
  expect(rows.audit_events).toBeLessThanOrEqual(quota.tries + quota.codes * 5 + 10)
  expect(rows.audit_events).toBeGreaterThan(quota.tries)
  // For each wrong password its number's row, and its network's for that number.
  expect(rows.password_tries).toBeLessThanOrEqual(2 * quota.tries)
  expect(rows.sessions).toBeLessThanOrEqual(begun)
  expect(rows.signups).toBeLessThanOrEqual(2 * quota.signups)
  expect(rows.codes ?? 0).toBeLessThanOrEqual(begun)
  const total = Object.values(rows).reduce((sum, count) => sum + count)
  expect(total, JSON.stringify(rows)).toBeLessThanOrEqual(200)

  expect(hashed).toBeLessThanOrEqual(quota.tries + 2 * quota.signups)
  expect(world.phone.messages.length).toBeLessThanOrEqual(quota.codes)
  const lines = world.logged.filter((line) => !line.includes('"level":"debug"'))
  expect(lines.length, lines.join('\n')).toBeLessThanOrEqual(20)
}, 120_000)
