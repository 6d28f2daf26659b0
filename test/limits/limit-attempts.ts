import type { Settings } from '../../src/services.ts'
import { times } from '../support/count-statuses.ts'
import { visitor } from '../support/visitor.ts'
import { anywhere, at, type Cell, cameroon, type LimitWorld, signedIn, tries } from './limit-world.ts'

type Of = (settings: Settings) => number | string
export type Prepare = Extract<Cell, { prepare: unknown }>['prepare']

export const wrong = 'a wrong passphrase'
export const hourSeconds = 3600
export const daySeconds = 86_400

export function cell(
  seconds: number,
  of: Of,
  setting: string | ((limit: number) => Record<string, string>),
  prepare: Prepare,
) {
  return {
    seconds,
    says: (settings: Settings) => String(of(settings)),
    env: (limit: number) => (typeof setting === 'string' ? { [setting]: String(limit) } : setting(limit)),
    prepare,
  }
}

export const hourly = cell.bind(undefined, hourSeconds)
export const daily = cell.bind(undefined, daySeconds)

export const signUp =
  (from: () => string): Prepare =>
  async (world) => {
    const person = visitor(world.next(), from())
    return () => person.startSignUp()
  }

export const recover =
  (from: () => string): Prepare =>
  async (world) => {
    const person = visitor(world.next(), from())
    return () => person.startRecovery()
  }

/** `enters`: the code too. */
export const send =
  (from: () => string, { enters = false, to = cameroon } = {}): Prepare =>
  async (world) => {
    const person = visitor(world.next(), from(), { phoneNumber: to() })
    await person.startSignUp()
    return async () => {
      const sent = await person.sendCode()
      if (enters && sent.ok) await person.enterCode()
      return sent
    }
  }

/** To one number, whose wait is over each time. */
export const sendToOne: Prepare = async (world) => {
  const attempt = await send(anywhere, { to: () => '+237671234567' })(world)
  return async () => {
    await world.sql`delete from code_waits`
    return attempt()
  }
}

export const guess =
  (from: () => string, at = cameroon): Prepare =>
  async (world) => {
    const person = visitor(world.next(), from(), { phoneNumber: at() })
    return () => person.logIn(wrong)
  }

/** By somebody who is signed in, in one session. */
export const guessOwn: Prepare = async (world) => {
  const person = await world.shared()
  return () => person.changePassword('another passphrase of mine', wrong)
}

export const connect =
  (from: (world: LimitWorld) => ReturnType<LimitWorld['shared']>, telegram = false): Prepare =>
  async (world) => {
    const person = await from(world)
    return () =>
      telegram ? person.start('telegram', 'twofactor', { phone_number: cameroon() }) : person.start('gmail', 'oauth2')
  }

export const self = (world: LimitWorld) => world.shared()
export const neighbour = (world: LimitWorld) => signedIn(world.next(), at())
export const somebody = (world: LimitWorld) => signedIn(world.next(), anywhere())

export const minutes = (seconds: number) => `${seconds / 60} min`

/** A third of what there is for everybody, as one country's or network's share. */
export const third = (setting: string) => (limit: number) => ({ [setting]: String(limit * 3), SMS_SHARE: '33' })

export const auditRows = async ({ sql }: LimitWorld, outcome: string) => {
  const [row] = await sql`select count(*)::int as rows from audit_events where outcome = ${outcome}`
  return row?.rows
}

export async function guessAtOnce(world: LimitWorld): Promise<void> {
  const attempts = await Promise.all(times(tries, () => guess(at)(world)))
  await Promise.all(attempts.map((attempt) => attempt()))
}

export const inWindow = (says: string): Pick<Cell, 'says'> => ({ says: () => says })

export const connections = (tried: ReturnType<typeof cell>): Cell => ({ ...tried, sandbox: true })
