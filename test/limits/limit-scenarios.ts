import { randomBytes, randomInt } from 'node:crypto'
import type { Settings } from '../../src/services.ts'
import { noSendLimits } from '../support/no-send-limits.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld, type World } from '../support/world.ts'

/** Two instances on one database; `next` gives them in turn. */
export type LimitWorld = Pick<World, 'passTime' | 'sql'> & { next(): World }

type Answer = { status: number; ok: boolean; headers: Headers }

type Cell = {
  /** The figure that holds without settings. */
  of(settings: Settings): number
  /** Settings under which it is `limit`, and nothing else is in the way. */
  env(limit: number): Record<string, string>
  /** Up to the attempt that is counted, which the answer makes. All of them share what the limit is counted by, and nothing else. */
  prepare(world: LimitWorld): Promise<() => Promise<Answer>>
  /** Where parallel attempts would be kept apart by another limit. */
  inTurn?: boolean
}

type Scenario = { hourly?: Cell; daily?: Cell }

const many = '999999'

const noLimits: Record<string, string> = {
  ...noSendLimits,
  SIGNUP_NETWORK_HOURLY: many,
  SIGNUP_NETWORK_DAILY: many,
  SIGNUP_HOURLY: many,
  SIGNUP_DAILY: many,
  RECOVERY_NETWORK_HOURLY: many,
  RECOVERY_NETWORK_DAILY: many,
  RECOVERY_HOURLY: many,
  RECOVERY_DAILY: many,
  LOGIN_NETWORK_TRIES: many,
  HIDE_ACCOUNTS: 'true',
}

export async function openLimitWorld(env: Record<string, string>): Promise<LimitWorld> {
  const settings = { SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`, ...behindProxy, ...noLimits, ...env }
  const options = { env: settings, services: { passwords: plainPasswords } }
  const first = await openWorld(options)
  const second = await openWorld({ ...options, databaseUrl: first.databaseUrl })
  let turn = 0
  return { passTime: first.passTime, sql: first.sql, next: () => (turn++ % 2 === 0 ? first : second) }
}

let networks = 0
const address = '198.51.100.7'
/** In a network of its own. */
const anywhere = () => `203.${(networks++ >> 8) % 256}.${networks % 256}.7`
const cameroon = () => `+23767${String(randomInt(10_000_000)).padStart(7, '0')}`

const cell = (
  of: Cell['of'],
  setting: string | ((limit: number) => Record<string, string>),
  prepare: Cell['prepare'],
): Cell => ({
  of,
  prepare,
  env: (limit) => (typeof setting === 'string' ? { [setting]: String(limit) } : setting(limit)),
})

const signUp = (from: () => string) => async (world: LimitWorld) => {
  const person = visitor(world.next(), from())
  return () => person.startSignUp()
}

const recover = (from: () => string) => async (world: LimitWorld) => {
  const person = visitor(world.next(), from())
  return () => person.startRecovery()
}

/** `enters`: the code too. */
const send =
  (from: () => string, { enters = false, to = cameroon } = {}) =>
  async (world: LimitWorld) => {
    const person = visitor(world.next(), from(), { phoneNumber: to() })
    await person.startSignUp()
    return async () => {
      const sent = await person.sendCode()
      if (enters && sent.ok) await person.enterCode()
      return sent
    }
  }

const at = () => address

/** A third of what there is for everybody: one country's or network's share. */
const third = (setting: string) => (limit: number) => ({ [setting]: String(limit * 3), SMS_SHARE: '33' })

/** To one number, whose wait is over each time. */
const sendToOne: Cell['prepare'] = async (world) => {
  const attempt = await send(anywhere, { to: () => '+237671234567' })(world)
  return async () => {
    await world.sql`delete from code_waits`
    return attempt()
  }
}

export const limitScenarios: Readonly<Record<string, Scenario>> = {
  'sign-ups begun by network': {
    hourly: cell(({ limits }) => limits.signups.network.hourly, 'SIGNUP_NETWORK_HOURLY', signUp(at)),
    daily: cell(({ limits }) => limits.signups.network.daily, 'SIGNUP_NETWORK_DAILY', signUp(at)),
  },
  'sign-ups begun by everybody': {
    hourly: cell(({ limits }) => limits.signups.everybody.hourly, 'SIGNUP_HOURLY', signUp(anywhere)),
    daily: cell(({ limits }) => limits.signups.everybody.daily, 'SIGNUP_DAILY', signUp(anywhere)),
  },
  'recoveries begun by network': {
    hourly: cell(({ limits }) => limits.recoveries.network.hourly, 'RECOVERY_NETWORK_HOURLY', recover(at)),
    daily: cell(({ limits }) => limits.recoveries.network.daily, 'RECOVERY_NETWORK_DAILY', recover(at)),
  },
  'recoveries begun by everybody': {
    hourly: cell(({ limits }) => limits.recoveries.everybody.hourly, 'RECOVERY_HOURLY', recover(anywhere)),
    daily: cell(({ limits }) => limits.recoveries.everybody.daily, 'RECOVERY_DAILY', recover(anywhere)),
  },
  'codes sent by number': {
    daily: { ...cell(({ sends }) => sends.numberDaily, 'SMS_NUMBER_DAILY', sendToOne), inTurn: true },
  },
  'codes sent, not entered by network': {
    daily: cell(({ sends }) => sends.networkDaily, 'SMS_NETWORK_DAILY', send(at)),
  },
  'codes sent by network': {
    daily: cell(({ sends }) => sends.networkDailyTotal, 'SMS_NETWORK_DAILY_TOTAL', send(at, { enters: true })),
  },
  'codes sent, not entered by country': {
    daily: cell(({ sends }) => sends.countryDailyFloor, 'SMS_COUNTRY_DAILY_FLOOR', send(anywhere)),
  },
  'codes sent by country': {
    hourly: cell(({ sends }) => sends.hourly * sends.share, third('SMS_HOURLY'), send(anywhere)),
    daily: cell(({ sends }) => sends.daily * sends.share, third('SMS_DAILY'), send(anywhere)),
  },
  'codes sent by everybody': {
    hourly: cell(({ sends }) => sends.hourly, 'SMS_HOURLY', send(anywhere)),
    daily: cell(({ sends }) => sends.daily, 'SMS_DAILY', send(anywhere)),
  },
}
