import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { configWarnings } from '../../src/server/describe-start.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { visitor } from '../support/visitor.ts'
import { openWorld, type World } from '../support/world.ts'

const services = { passwords: plainPasswords }
const world = await openWorld({ services, env: { TRUSTED_PROXIES: '192.0.2.1, 10.0.0.0/8, 2001:db8:f::/48' } })

/** As the audit trail has it. */
async function networkSeen(forwarded: string, at: World = world): Promise<string | null> {
  const person = visitor(at, forwarded)
  await person.logIn('a wrong passphrase')
  const phoneNumberIndex = await at.services.blindIndex.of('phone number', person.phoneNumber)
  const [event] = await at.sql`select network from audit_events where phone_number_index = ${phoneNumberIndex}`
  return event?.network
}

test.each([
  ['198.51.100.7', '198.51.100.0/24'],
  ['198.51.100.7:51234', '198.51.100.0/24'],
  ['"198.51.100.7:51234"', '198.51.100.0/24'],
  [' 203.0.113.9 ,\t198.51.100.7 ', '198.51.100.0/24'],
  ['[2001:db8:1:2::7]:443', '2001:db8:1::/48'],
  ['"[2001:db8:1:2::7]"', '2001:db8:1::/48'],
  ['2001:db8:1:2::7', '2001:db8:1::/48'],
  ['fe80::7%eth0', 'fe80::/48'],
  ['::ffff:198.51.100.7', '198.51.100.0/24'],
  ['[::ffff:198.51.100.7]:80', '198.51.100.0/24'],
  ['198.51.100.7:51234, 10.1.2.3:8080', '198.51.100.0/24'],
  ['198.51.100.7, [2001:db8:f::1]:8080, 10.1.2.3', '198.51.100.0/24'],
  // Of one proxy more than there is, which says what it likes.
  ['10.9.9.9, 198.51.100.7', '198.51.100.0/24'],
  ['', '192.0.2.0/24'],
  ['unknown', 'unreadable'],
  ['_hidden', 'unreadable'],
  ['198.51.100', 'unreadable'],
  ['198.51.100.7:http', 'unreadable'],
  ['203.0.113.9, nonsense', 'unreadable'],
])('X-Forwarded-For %j comes from %s', async (forwarded, network) => {
  expect(await networkSeen(forwarded)).toBe(network)
})

test('clients that a trusted proxy tells nothing readable of are limited together, none of them is known, and the log says so once', async () => {
  const limited = await openWorld({ services, env: { TRUSTED_PROXIES: '192.0.2.1', LOGIN_NETWORK_TRIES: '6' } })
  const ada = visitor(limited, 'unknown')
  await ada.signUp()
  expect((await ada.logIn()).status).toBe(200)
  const tries = times(12, () => visitor(limited, 'nonsense').logIn('a wrong passphrase'))
  expect(await countStatuses(tries)).toEqual({ 401: 6, 429: 6 })
  expect((await ada.elsewhere().logIn()).status).toBe(429)
  expect((await visitor(limited, '198.51.100.7').logIn('a wrong passphrase')).status).toBe(401)
  expect(limited.logged.filter((line) => line.includes('no readable address'))).toHaveLength(1)
})

test('the first header from an address that is not trusted is in the log, and only the first', async () => {
  const direct = await openWorld({ services })
  await countStatuses(times(20, () => visitor(direct, '198.51.100.7').logIn('a wrong passphrase')))
  const lines = direct.logged.filter((line) => line.includes('Ignoring X-Forwarded-For'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('TRUSTED_PROXIES')
  expect(lines[0]).not.toContain('198.51.100.7')
})

describe('TRUSTED_PROXIES', () => {
  const trusting = (value: string) => readConfig({ TRUSTED_PROXIES: value })

  test.each([
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/8,0.0.0.0/0',
    '::ffff:0.0.0.0/96',
    '::ffff:0:0/90',
    '10.0.0.0/33',
    'proxy',
  ])('%s is refused', (value) => {
    expect(() => trusting(value)).toThrow(/TRUSTED_PROXIES must be CIDRs such as/)
  })

  test.each([
    ['10.1.2.3', '10.1.2.3/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ])('%s means %s', (value, cidr) => {
    expect(trusting(value).settings.trustedProxies).toEqual([cidr])
  })

  test('a start warns where it is missing in production, or names public addresses by the million', () => {
    const config = trusting('10.0.0.0/8, 172.16.0.0/12, 104.16.0.0/13')
    expect(configWarnings(config)).toEqual([])
    expect(configWarnings(trusting('64.0.0.0/2'))).toEqual([expect.stringContaining('64.0.0.0/2')])
    expect(configWarnings(trusting('2000::/3'))).toEqual([expect.stringContaining('2000::/3')])
    const unset = readConfig({})
    expect(configWarnings(unset)).toEqual([])
    expect(configWarnings({ ...unset, production: true })).toEqual([
      expect.stringContaining('TRUSTED_PROXIES is not set'),
    ])
  })
})
