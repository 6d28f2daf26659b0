import { setTimeout as sleep } from 'node:timers/promises'
import { Person, randomPhoneNumber } from '../support/person.ts'
import type { FaultWorld } from './fault-world.ts'

/** What is known of somebody from the answers alone. `inDoubt`: the deed whose answer never came, or was a 5xx. */
export type Life = {
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
  lives: Life[]
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
  lives: [],
  sent: 0,
  acknowledged: 0,
  refused: new Map(),
  broken: 0,
  answeredAt: [],
})

let lives = 0

/** Thrown when a deed's end isn't known: this life is over, and another begins. */
class InDoubt extends Error {}

type Server = { url: string | (() => string) }

/** People who live, so many at once, until `signal`: each signs up, in, saves a platform, changes the password, and so on; all is written down. */
export async function liveUntil(
  world: FaultWorld,
  journal: Journal,
  { url }: Server,
  { signal, crowd = 4 }: { signal: AbortSignal; crowd?: number },
): Promise<void> {
  const base = typeof url === 'string' ? () => url : url
  await Promise.all(
    Array.from({ length: crowd }, async () => {
      while (!signal.aborted) {
        await liveOnce(world, journal, base, signal).catch(async (error: unknown) => {
          if (!(error instanceof InDoubt)) throw error
          // As people do, and so that a server that is away isn't asked without rest.
          await sleep(20)
        })
      }
    }),
  )
}

async function liveOnce(world: FaultWorld, journal: Journal, base: () => string, signal: AbortSignal): Promise<void> {
  const account = ++lives
  const phone = { lastCodeTo: (number: string) => world.sms.codeFor(number) ?? '' }
  const person = new Person(
    { fetch: (input, init) => send(journal, base, input, init), phone },
    { phoneNumber: randomPhoneNumber() },
  )
  const life: Life = {
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
  async function did(name: string, deed: () => Promise<{ status: number }>): Promise<boolean> {
    if (signal.aborted) return false
    const { status } = await deed().catch(() => ({ status: 0 }))
    if (status >= 200 && status < 300) {
      journal.acknowledged++
      return true
    }
    if (status === 0 || status >= 500) life.inDoubt = name
    else if (!isAfterDoubt(status)) throw new Error(`${name} was answered ${status}`)
    throw new InDoubt(name)
  }

  // What never became an account leaves nothing to compare.
  if (!(await did('startSignUp', () => person.startSignUp()))) return
  if (!(await did('sendCode', () => person.sendCode()))) return
  if (!(await did('enterCode', () => person.enterCode()))) return
  journal.lives.push(life)
  if (!(await did('finishSignUp', () => person.finishSignUp()))) return
  life.made = true
  if (!(await did('logIn', () => person.logIn()))) return
  life.logins++
  if (!(await did('dashboard', () => person.dashboard()))) return
  if (!(await save())) return
  const newPassword = 'another passphrase of mine'
  life.newPassword = newPassword
  if (!(await did('changePassword', () => person.changePassword(newPassword)))) return
  person.password = life.password = newPassword
  life.changes++
  if (account % 3 === 0) return
  if (!(await did('revoke', () => person.revoke('mastodon', 'oauth2')))) return
  life.revocations++
  if (account % 3 === 1) return
  if (!(await did('deleteAccount', () => person.deleteAccount()))) return
  life.deleted = true

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
    life.saves++
    return true
  }
}

/** None of these deeds is ever refused, unless what went before it was lost; a 429 is a limit of the world's own. */
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
