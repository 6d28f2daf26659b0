import { setTimeout as sleep } from 'node:timers/promises'
import { Person, randomPhoneNumber } from '../support/person.ts'
import type { FaultWorld } from './fault-world.ts'

/** What is known of somebody from the answers alone. `inDoubt`: the action whose answer never came, or was a 5xx. */
export type SimulatedUser = {
  person: Person
  made: boolean
  deleted: boolean
  password: string
  newPassword?: string
  logins: number
  saves: number
  revocations: number
  changes: number
  inDoubt?: string
}

export type Journal = {
  users: SimulatedUser[]
  sent: number
  acknowledged: number
  /** 503 or another 5xx, by status. */
  refused: Map<number, number>
  /** Without an answer. */
  broken: number
  /** Epoch milliseconds at which each answer other than a 5xx came. */
  answeredAt: number[]
}

export const openJournal = (): Journal => ({
  users: [],
  sent: 0,
  acknowledged: 0,
  refused: new Map(),
  broken: 0,
  answeredAt: [],
})

let accountCount = 0

/** Thrown when the outcome of an action is unknown: this user is done, and another begins. */
class InDoubt extends Error {}

type Server = { url: string | (() => string) }

/** People who live, so many at once, until `signal`: each signs up, in, saves a platform, changes the password, and so on; all is written down. */
export async function simulateUntil(
  world: FaultWorld,
  journal: Journal,
  { url }: Server,
  { signal, crowd = 4 }: { signal: AbortSignal; crowd?: number },
): Promise<void> {
  const base = typeof url === 'string' ? () => url : url
  await Promise.all(
    Array.from({ length: crowd }, async () => {
      while (!signal.aborted) {
        await simulateUser(world, journal, base, signal).catch(async (error: unknown) => {
          if (!(error instanceof InDoubt)) throw error
          // As people do, and so that a server that is away isn't asked without rest.
          await sleep(20)
        })
      }
    }),
  )
}

async function simulateUser(
  world: FaultWorld,
  journal: Journal,
  base: () => string,
  signal: AbortSignal,
): Promise<void> {
  const account = ++accountCount
  const phone = { lastCodeTo: (number: string) => world.sms.codeFor(number) ?? '' }
  const person = new Person(
    { fetch: (input, init) => send(journal, base, input, init), phone },
    { phoneNumber: randomPhoneNumber() },
  )
  const user: SimulatedUser = {
    person,
    made: false,
    deleted: false,
    password: person.password,
    logins: 0,
    saves: 0,
    revocations: 0,
    changes: 0,
  }

  /** False: the signal came, and what comes next is left. */
  async function did(name: string, action: () => Promise<{ status: number }>): Promise<boolean> {
    if (signal.aborted) return false
    const { status } = await action().catch(() => ({ status: 0 }))
    if (status >= 200 && status < 300) {
      journal.acknowledged++
      return true
    }
    if (status === 0 || status >= 500) user.inDoubt = name
    else if (!isAfterDoubt(status)) throw new Error(`${name} was answered ${status}`)
    throw new InDoubt(name)
  }

  // What never became an account leaves nothing to compare.
  if (!(await did('startSignUp', () => person.startSignUp()))) return
  if (!(await did('sendCode', () => person.sendCode()))) return
  if (!(await did('enterCode', () => person.enterCode()))) return
  journal.users.push(user)
  if (!(await did('finishSignUp', () => person.finishSignUp()))) return
  user.made = true
  if (!(await did('logIn', () => person.logIn()))) return
  user.logins++
  if (!(await did('dashboard', () => person.dashboard()))) return
  if (!(await save())) return
  const newPassword = 'another passphrase of mine'
  user.newPassword = newPassword
  if (!(await did('changePassword', () => person.changePassword(newPassword)))) return
  person.password = user.password = newPassword
  user.changes++
  if (account % 3 === 0) return
  if (!(await did('revoke', () => person.revoke('mastodon', 'oauth2')))) return
  user.revocations++
  if (account % 3 === 1) return
  if (!(await did('deleteAccount', () => person.deleteAccount()))) return
  user.deleted = true

  async function save(): Promise<boolean> {
    const started = { url: '' }
    const start = async () => {
      const answer = await person.start('mastodon', 'oauth2')
      if (answer.status === 200) started.url = (await answer.json()).url
      return answer
    }
    if (!(await did('start', start))) return false
    const reply = await world.consent(started.url, account)
    if (!(await did('save', () => person.finish('mastodon', 'oauth2', reply)))) return false
    user.saves++
    return true
  }
}

/** None of these actions is ever refused, unless what went before it was lost; a 429 is a limit of the world's own. */
const isAfterDoubt = (status: number) => status === 429

async function send(
  journal: Journal,
  base: () => string,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(input, init)
  journal.sent++
  try {
    const answer = await fetch(new Request(base() + new URL(request.url).pathname, request))
    if (answer.status >= 500) journal.refused.set(answer.status, (journal.refused.get(answer.status) ?? 0) + 1)
    else journal.answeredAt.push(Date.now())
    return answer
  } catch (error) {
    journal.broken++
    throw error
  }
}
