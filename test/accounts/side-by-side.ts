import { expect } from 'vitest'
import { moveNumber } from '../../src/accounts/move-number.ts'
import { rotateKeys } from '../../src/maintenance/keys/rotate-keys.ts'
import { endSessionsByOperator } from '../../src/sessions/list-sessions.ts'
import { newRingKey, useKeys } from '../maintenance/keys/key-rings.ts'
import { noSendLimits } from '../support/no-send-limits.ts'
import { type Person, randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld, type World } from '../support/world.ts'
import { Stranger } from './stranger.ts'

const home = '198.51.100.7'
const wrong = 'not the passphrase'
/** What a busy machine takes between the two: waits and blocks differ by more. */
const toleranceSeconds = 45
const [older, newer] = [newRingKey('older'), newRingKey('newer')]

/**
 * One of two worlds, in which a stranger does the same with one number. In the real one somebody has an account for it, or gets one; in the other
 * what they do is only as much as anybody could ask for: that is no secret.
 */
export class Side {
  readonly world: World
  readonly isReal: boolean
  readonly stranger: Stranger
  readonly holder: Person
  hasAccount = false

  constructor(world: World, isReal: boolean, phoneNumber: string, address: string) {
    this.world = world
    this.isReal = isReal
    this.holder = visitor(world, home, { phoneNumber })
    this.stranger = new Stranger(() => visitor(world, address, { phoneNumber }))
  }

  /** Before anybody looks. */
  async haveAccount(): Promise<void> {
    if (!this.isReal) return
    await this.holder.signUp()
    this.hasAccount = true
    await this.world.sql`truncate code_waits, send_decisions, password_tries, limit_counts`
    await this.signIn()
  }

  /** False: nobody is, for want of an account or since strangers' tries are in the way. */
  async signIn(): Promise<boolean> {
    if (!this.hasAccount) return false
    if (this.holder.cookie && (await this.holder.dashboard()).status === 200) return true
    return (await this.holder.logIn()).status === 200
  }

  /** Whether a code may have come. */
  async #askForCode(browser: Person): Promise<boolean> {
    return (await browser.sendCode()).status === 201 && this.isReal
  }

  async #recover(): Promise<Person | undefined> {
    const browser = visitor(this.world, home, this.holder)
    await browser.startRecovery()
    const mayCome = await this.#askForCode(browser)
    if (!mayCome || !this.hasAccount) return undefined
    return (await browser.enterCode()).status === 200 ? browser : undefined
  }

  async mistype() {
    await visitor(this.world, home, this.holder).logIn(wrong)
  }
  async signInAgain() {
    if (this.hasAccount) await this.holder.logIn()
  }
  async signOut() {
    if (await this.signIn()) await this.holder.logOut()
  }
  async changePassword() {
    if (!(await this.signIn())) return
    const next = `a passphrase of ${crypto.randomUUID()}`
    if ((await this.holder.changePassword(next)).status === 200) this.holder.password = next
  }
  async signUp() {
    const browser = visitor(this.world, home, this.holder)
    await browser.startSignUp()
    if (!(await this.#askForCode(browser)) || this.hasAccount) return
    if ((await browser.enterCode()).status !== 200) return
    const { uid, password } = browser
    // As it is: the test's own way would clear the number's waits.
    this.hasAccount = (await browser.send('PUT', '/v2/signup', {})).status === 200
    if (this.hasAccount) Object.assign(this.holder, { uid, password, cookie: '' })
  }
  async deleteAccount() {
    if ((await this.signIn()) && (await this.holder.deleteAccount()).status === 200) this.hasAccount = false
  }
  async enterCode() {
    await this.#recover()
  }
  async recover() {
    const browser = await this.#recover()
    const next = `a passphrase of ${crypto.randomUUID()}`
    if (!browser || (await browser.finishRecovery(next)).status !== 200) return
    Object.assign(this.holder, { password: next, cookie: '' })
  }
  async saveGrant() {
    if (await this.signIn()) await this.holder.connectGmail({ account: 'ada@example.com' })
  }
  async revokeGrant() {
    if (await this.signIn()) await this.holder.revoke('gmail', 'oauth2')
    await this.world.runJobs()
  }
  async haveSessionsEnded() {
    if (this.hasAccount) await endSessionsByOperator(this.world.services, this.holder.uid)
    this.holder.cookie = ''
  }
  async moveAway() {
    if (!this.hasAccount) return
    await moveNumber(this.world.services, { from: this.holder.phoneNumber, to: randomPhoneNumber() })
    this.hasAccount = false
  }
  async moveHere() {
    if (!this.isReal || this.hasAccount) return
    const other = visitor(this.world, '192.88.99.7')
    await other.signUp()
    await moveNumber(this.world.services, { from: other.phoneNumber, to: this.holder.phoneNumber })
    this.hasAccount = true
    Object.assign(this.holder, { uid: other.uid, password: other.password, cookie: '' })
  }
  /** As an operator does it: the new key behind the old one, before it, everything put under it, and a day later alone. */
  async changeKeys(step: number) {
    if (step === 1) useKeys(this.world, older, newer)
    if (step === 2) useKeys(this.world, newer, older)
    if (step === 3) await rotateKeys(this.world.services)
    if (step === 4) useKeys(this.world, newer)
  }
}

export type Sides = Awaited<ReturnType<typeof openSides>>

/** A world with the account and one without, in which time passes together. */
export async function openSides() {
  const open = () =>
    openWorld({
      sandbox: true,
      services: { passwords: plainPasswords },
      env: { ...behindProxy, ...noSendLimits, HIDE_ACCOUNTS: 'true', DATABASE_POOL: '5' },
    })
  const [real, other] = [await open(), await open()]

  return {
    /** The two sides of a number that nobody has asked about. The stranger comes from `address`. */
    about(address = '203.0.113.7') {
      useKeys(real, older)
      useKeys(other, older)
      const phoneNumber = randomPhoneNumber()
      const [one, two] = [new Side(real, true, phoneNumber, address), new Side(other, false, phoneNumber, address)]
      return {
        real: one,
        async both(action: (side: Side) => Promise<unknown>) {
          await Promise.all([action(one), action(two)])
        },
        async passTime(seconds: number) {
          await Promise.all([real.passTime(seconds), other.passTime(seconds)])
        },
        /** The stranger does something on either side, and sees the same. */
        async stranger(name: string, step: (stranger: Stranger) => Promise<Response>) {
          const [seen, expected] = [await one.stranger.see(step), await two.stranger.see(step)]
          const off = seen.times.map((seconds, at) => Math.abs(seconds - (expected.times[at] ?? Number.NaN)))
          expect({ ...seen, times: off.map((seconds) => seconds < toleranceSeconds) }, name).toEqual({
            ...expected,
            times: expected.times.map(() => true),
          })
          return seen.status
        },
      }
    },
  }
}
