import { randomBytes, randomInt } from 'node:crypto'
import type { Settings } from '../../src/services.ts'
import { noSendLimits } from '../support/no-send-limits.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld, type World } from '../support/world.ts'

/** What a cell is tried with, in place of its default. */
export const limit = 3
export const tries = 7

/** Two instances on one database; `next` gives them in turn. `shared` is of whoever makes all attempts. */
export type LimitWorld = Pick<World, 'passTime' | 'sql'> & { next(): World; shared(): Promise<Person> }

export type Answer = { status: number; headers: Headers }

type Tried = {
  /** What the page says of it, without settings. */
  says(settings: Settings): string
  /** Settings under which it is `limit`, and nothing else is in the way. */
  env(limit: number): Record<string, string>
  sandbox?: boolean
}

type Attempts = Tried & {
  seconds: number
  /** Up to the attempt that is counted, which the answer makes. All of them share what the limit is counted by, and nothing else. */
  prepare(world: LimitWorld): Promise<() => Promise<Answer>>
  /** The status of what isn't refused; 200 unless said. */
  passes?: number
  /** Where parallel attempts would be kept apart by another limit. */
  inTurn?: boolean
}

export type Cell = Attempts | (Tried & { check(world: LimitWorld): Promise<void> })

export type Scenario = { hour?: Cell; day?: Cell }

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
  LOGIN_TRIES: many,
  LOGIN_CEILING: many,
  LOGIN_NETWORK_TRIES: many,
  LOGIN_NETWORK_DAILY: many,
  LOGIN_HOURLY: many,
  LOGIN_DAILY: many,
  PLATFORM_STARTS_USER_HOURLY: many,
  PLATFORM_STARTS_USER_DAILY: many,
  PLATFORM_STARTS_NETWORK_HOURLY: many,
  PLATFORM_STARTS_NETWORK_DAILY: many,
  PLATFORM_STARTS_HOURLY: many,
  PLATFORM_STARTS_DAILY: many,
  TELEGRAM_NUMBERS_USER_DAILY: many,
  TELEGRAM_CODES_USER_DAILY: many,
  TELEGRAM_CODES_NETWORK_DAILY: many,
  TELEGRAM_CODES_DAILY: many,
  // A recovery may then be begun for anybody.
  HIDE_ACCOUNTS: 'true',
  SESSION_ABSOLUTE_AGE: '999999',
  SESSION_MAX_AGE: '999999',
}

export async function openLimitWorld(
  env: Record<string, string>,
  { sandbox }: { sandbox: boolean },
): Promise<LimitWorld> {
  const settings = {
    DATABASE_POOL: '5',
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    ...behindProxy,
    ...noLimits,
    ...env,
  }
  const options = { env: settings, sandbox, isOfOneTest: true, services: { passwords: plainPasswords } }
  const first = await openWorld(options)
  const second = await openWorld({ ...options, databaseUrl: first.databaseUrl })
  let turn = 0
  let shared: Promise<Person> | undefined
  return {
    passTime: first.passTime,
    sql: first.sql,
    next: () => (turn++ % 2 === 0 ? first : second),
    shared: () => {
      shared ??= signedIn(first, at())
      return shared
    },
  }
}

export async function signedIn(world: World, address: string): Promise<Person> {
  const person = visitor(world, address)
  await person.signUp()
  await person.logIn()
  return person
}

let networks = 0
/** The same each time. */
export const at = () => '198.51.100.7'
/** In a network of its own. */
export const anywhere = () => `203.${(networks++ >> 8) % 256}.${networks % 256}.7`
/** In a network that no limit counts by. */
export const unknown = () => '10.1.2.3'

export const cameroon = () => `+23767${String(randomInt(10_000_000)).padStart(7, '0')}`
