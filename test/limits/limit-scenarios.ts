import { expect } from 'vitest'
import { times } from '../support/count-statuses.ts'
import { visitor } from '../support/visitor.ts'
import {
  auditRows,
  cell,
  connect,
  connections,
  daily,
  daySeconds,
  guess,
  guessAtOnce,
  guessOwn,
  hourly,
  hourSeconds,
  inWindow,
  minutes,
  neighbour,
  recover,
  self,
  send,
  sendToOne,
  signUp,
  somebody,
  third,
  wrong,
} from './limit-attempts.ts'
import { anywhere, at, type Cell, limit as most, type Scenario, tries, unknown } from './limit-world.ts'

export const limitScenarios: Readonly<Record<string, Scenario>> = {
  'sign-ups begun by network': {
    hour: hourly(({ limits }) => limits.signups.network.hourly, 'SIGNUP_NETWORK_HOURLY', signUp(at)),
    day: daily(({ limits }) => limits.signups.network.daily, 'SIGNUP_NETWORK_DAILY', signUp(at)),
  },
  'sign-ups begun by everybody': {
    hour: hourly(({ limits }) => limits.signups.everybody.hourly, 'SIGNUP_HOURLY', signUp(anywhere)),
    day: daily(({ limits }) => limits.signups.everybody.daily, 'SIGNUP_DAILY', signUp(anywhere)),
  },
  'recoveries begun by network': {
    hour: hourly(({ limits }) => limits.recoveries.network.hourly, 'RECOVERY_NETWORK_HOURLY', recover(at)),
    day: daily(({ limits }) => limits.recoveries.network.daily, 'RECOVERY_NETWORK_DAILY', recover(at)),
  },
  'recoveries begun by everybody': {
    hour: hourly(({ limits }) => limits.recoveries.everybody.hourly, 'RECOVERY_HOURLY', recover(anywhere)),
    day: daily(({ limits }) => limits.recoveries.everybody.daily, 'RECOVERY_DAILY', recover(anywhere)),
  },
  'codes sent by number': {
    day: { ...daily(({ sends }) => sends.numberDaily, 'SMS_NUMBER_DAILY', sendToOne), inTurn: true, passes: 201 },
  },
  'codes sent, not entered by network': {
    day: { ...daily(({ sends }) => sends.networkDaily, 'SMS_NETWORK_DAILY', send(at)), passes: 201 },
  },
  'codes sent by network': {
    day: {
      ...daily(({ sends }) => sends.networkDailyTotal, 'SMS_NETWORK_DAILY_TOTAL', send(at, { enters: true })),
      passes: 201,
    },
  },
  'codes sent, not entered by country': {
    day: { ...daily(({ sends }) => sends.countryDailyFloor, 'SMS_COUNTRY_DAILY_FLOOR', send(anywhere)), passes: 201 },
  },
  'codes sent by country': {
    hour: { ...hourly(({ sends }) => sends.hourly * sends.share, third('SMS_HOURLY'), send(anywhere)), passes: 201 },
    day: { ...daily(({ sends }) => sends.daily * sends.share, third('SMS_DAILY'), send(anywhere)), passes: 201 },
  },
  'codes sent by everybody': {
    hour: { ...hourly(({ sends }) => sends.hourly, 'SMS_HOURLY', send(anywhere)), passes: 201 },
    day: { ...daily(({ sends }) => sends.daily, 'SMS_DAILY', send(anywhere)), passes: 201 },
  },
  'wrong passwords by network': {
    hour: {
      ...cell(
        900,
        ({ logins }) => `${logins.networkTries} in ${minutes(logins.block)}`,
        'LOGIN_NETWORK_TRIES',
        guess(at),
      ),
      passes: 401,
    },
    day: { ...daily(({ logins }) => logins.networkDaily, 'LOGIN_NETWORK_DAILY', guess(at)), passes: 401 },
  },
  "wrong passwords by all clients whose network isn't known": {
    hour: { ...hourly(({ logins }) => logins.hourly, 'LOGIN_HOURLY', guess(unknown)), passes: 401 },
    day: { ...daily(({ logins }) => logins.daily, 'LOGIN_DAILY', guess(unknown)), passes: 401 },
  },
  'wrong passwords by phone number': {
    hour: {
      ...cell(
        900,
        ({ logins }) => `${logins.tries} in ${minutes(logins.block)}`,
        'LOGIN_TRIES',
        guess(anywhere, () => '+237671234567'),
      ),
      passes: 401,
    },
    day: {
      ...cell(
        daySeconds,
        () => 'the third block lasts a day',
        (limit) => ({ LOGIN_TRIES: String(limit), LOGIN_BLOCKS: '1' }),
        guess(anywhere, () => '+237671234567'),
      ),
      passes: 401,
    },
  },
  'wrong passwords past a block, from known networks by phone number': {
    hour: { ...pastBlock(), says: ({ logins }) => String(logins.ceiling) },
    day: { ...pastBlock(), says: ({ logins }) => String(logins.ceiling) },
  },
  'wrong passwords of somebody signed in by session': {
    hour: {
      ...cell(900, ({ logins }) => `${logins.tries} in ${minutes(logins.block)}`, 'LOGIN_TRIES', guessOwn),
      passes: 403,
    },
    day: { ...daily(({ logins }) => logins.ceiling, 'LOGIN_CEILING', guessOwn), passes: 403 },
  },
  'audit rows of wrong passwords by network': {
    hour: {
      ...inWindow('100 in 15 min'),
      env: (limit) => ({ LOGIN_NETWORK_TRIES: String(limit) }),
      async check(world) {
        await guessAtOnce(world)
        expect(await auditRows(world, 'refused')).toBe(most)
      },
    },
    day: {
      ...inWindow('2000'),
      env: (limit) => ({ LOGIN_NETWORK_DAILY: String(limit) }),
      async check(world) {
        for (let hour = 0; hour < 3; hour++) {
          await guessAtOnce(world)
          await world.passTime(hourSeconds)
        }
        expect(await auditRows(world, 'refused')).toBe(most)
      },
    },
  },
  'audit rows of tries beyond a limit by network, event and account or number tried within the limit': {
    hour: foldedRows('1', 1),
    day: foldedRows('24', 3),
  },
  'recoveries of one number not yet proved by number': {
    hour: atOnce(),
    day: atOnce(),
  },
  'connections begun by user': {
    hour: connections(
      hourly(({ connections: { starts } }) => starts.user.hourly, 'PLATFORM_STARTS_USER_HOURLY', connect(self)),
    ),
    day: connections(
      daily(({ connections: { starts } }) => starts.user.daily, 'PLATFORM_STARTS_USER_DAILY', connect(self)),
    ),
  },
  'connections begun by network': {
    hour: connections(
      hourly(
        ({ connections: { starts } }) => starts.network.hourly,
        'PLATFORM_STARTS_NETWORK_HOURLY',
        connect(neighbour),
      ),
    ),
    day: connections(
      daily(({ connections: { starts } }) => starts.network.daily, 'PLATFORM_STARTS_NETWORK_DAILY', connect(neighbour)),
    ),
  },
  'connections begun by everybody': {
    hour: connections(
      hourly(({ connections: { starts } }) => starts.everybody.hourly, 'PLATFORM_STARTS_HOURLY', connect(somebody)),
    ),
    day: connections(
      daily(({ connections: { starts } }) => starts.everybody.daily, 'PLATFORM_STARTS_DAILY', connect(somebody)),
    ),
  },
  'numbers that Telegram sends a code to by user': {
    day: connections(
      daily(({ connections: { codes } }) => codes.numbersDaily, 'TELEGRAM_NUMBERS_USER_DAILY', connect(self, true)),
    ),
  },
  'codes that Telegram sends by user': {
    day: connections(
      daily(({ connections: { codes } }) => codes.user.daily, 'TELEGRAM_CODES_USER_DAILY', connect(self, true)),
    ),
  },
  'codes that Telegram sends by network': {
    day: connections(
      daily(
        ({ connections: { codes } }) => codes.network.daily,
        'TELEGRAM_CODES_NETWORK_DAILY',
        connect(neighbour, true),
      ),
    ),
  },
  'codes that Telegram sends by everybody': {
    day: connections(
      daily(({ connections: { codes } }) => codes.everybody.daily, 'TELEGRAM_CODES_DAILY', connect(somebody, true)),
    ),
  },
}

/** The right password passes the number's block from a network where its owner signed in, until so many wrong ones came from such networks. */
function pastBlock(): Omit<Extract<Cell, { check: unknown }>, 'says'> {
  return {
    env: (limit) => ({ LOGIN_TRIES: '5', LOGIN_CEILING: String(limit) }),
    async check(world) {
      const holder = visitor(world.next(), at())
      await holder.signUp()
      const homes = times(most + 2, anywhere)
      for (const home of homes) expect((await visitor(world.next(), home, holder).logIn()).status).toBe(200)
      const stranger = anywhere()
      for (let attempt = 0; attempt < 5; attempt++) await visitor(world.next(), stranger, holder).logIn(wrong)
      const [first = '', ...others] = homes
      const enter = (password?: string) => visitor(world.next(), first, holder).logIn(password)
      expect((await enter()).status).toBe(200)
      await Promise.all(others.slice(0, most).map((home) => visitor(world.next(), home, holder).logIn(wrong)))
      expect((await enter()).status).toBe(429)
      await world.passTime(daySeconds + 1)
      expect((await enter()).status).toBe(200)
    },
  }
}

function foldedRows(says: string, hours: number): Cell {
  return {
    ...inWindow(says),
    env: () => ({ LOGIN_NETWORK_DAILY: '1' }),
    async check(world) {
      for (let hour = 0; hour < hours; hour++) {
        await guessAtOnce(world)
        await world.passTime(hourSeconds)
      }
      expect(await auditRows(world, 'blocked')).toBe(hours)
    },
  }
}

function atOnce(): Cell {
  return {
    ...inWindow('3 at once'),
    env: () => ({}),
    async check({ next, sql }) {
      const people = times(tries, () => visitor(next(), anywhere(), { phoneNumber: '+237671234567' }))
      for (const { status } of await Promise.all(people.map((person) => person.startRecovery())))
        expect(status).toBe(200)
      expect(await sql`select from sessions where purpose = 'recovery'`).toHaveLength(3)
    },
  }
}
