import { randomInt } from 'node:crypto'
import { type Answer, type Client, createClient, type Refusal } from '../../client/src/index.ts'
import { noteSecret, noteSecretsSent } from './canaries.ts'
import { consent } from './google-consent.ts'
import type { Phone } from './phone.ts'

let lastNumber = randomInt(10_000_000)

/** Never the same twice: a long fuzz would meet a number that has an account already. */
export function randomPhoneNumber(): string {
  lastNumber = (lastNumber + 1) % 10_000_000
  return `+23767${String(lastNumber).padStart(7, '0')}`
}

type Server = {
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  phone: Pick<Phone, 'lastCodeTo'>
  /** Lets so much time pass that a number may be sent its next code, as if it had never been sent one. Absent: the person waits. */
  letWaitsPass?: (phoneNumber: string) => Promise<unknown>
}

/** What a test looks at: any status, and the body that it has on success. */
type Seen<Success> = Omit<Success, 'status' | 'ok'> & { readonly status: number; readonly ok: boolean }

const seen = <Success extends Answer<number, unknown>>(answer: Promise<Success | Refusal>) =>
  answer as Promise<unknown> as Promise<Seen<Success>>

type BodyOf<Name extends 'startGrant' | 'finishGrant' | 'takeGrantStep'> = Omit<
  NonNullable<Parameters<Client[Name]>[0]>,
  'user_id' | 'platform' | 'protocol' | 'action'
>

/** Somebody who uses the API from one browser: keeps its cookie, and knows the own number and password. */
export class Person {
  readonly phoneNumber: string
  readonly userAgent: string
  password = 'a passphrase of my own'
  uid = ''
  cookie = ''
  readonly api: Client
  readonly #server: Server

  constructor(
    server: Server,
    { phoneNumber, userAgent = 'Test/1.0' }: { phoneNumber: string; userAgent?: string | undefined },
  ) {
    this.#server = server
    this.phoneNumber = phoneNumber
    noteSecret('phone number', phoneNumber)
    this.userAgent = userAgent
    this.api = createClient({
      baseUrl: 'http://api.test/v2',
      headers: { 'User-Agent': userAgent },
      fetch: (url, init) => this.fetch(url, init),
    })
  }

  /** Any request as this person would make it. */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init)
    if (this.cookie && !request.headers.has('Cookie')) request.headers.set('Cookie', this.cookie)
    if (!request.headers.has('User-Agent')) request.headers.set('User-Agent', this.userAgent)
    noteSecretsSent(init?.body, request.headers.get('Cookie'))
    const response = await this.#server.fetch(request)
    const set = response.headers.get('Set-Cookie')
    noteSecretsSent(undefined, set)
    if (set) this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '')
    return response
  }

  /** The wire itself. */
  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' }
    return this.fetch(`http://api.test${path}`, { method, headers: { ...type, ...headers }, ...json })
  }

  /** The same person at another browser: no cookie. */
  elsewhere(options: { userAgent?: string } = {}): Person {
    const other = new Person(this.#server, {
      phoneNumber: this.phoneNumber,
      userAgent: options.userAgent ?? this.userAgent,
    })
    other.uid = this.uid
    other.password = this.password
    return other
  }

  get param() {
    return { user_id: this.uid }
  }

  async startSignUp() {
    return this.#keepUid(
      seen(this.api.startSignup.response({ phone_number: this.phoneNumber, password: this.password })),
    )
  }

  sendCode() {
    return seen(this.api.sendCode.response({ ...this.param, phone_number: this.phoneNumber }))
  }

  get lastCode(): string {
    return this.#server.phone.lastCodeTo(this.phoneNumber)
  }

  enterCode(code = this.lastCode) {
    return seen(this.api.checkCode.response({ code }))
  }

  /** Up to the proved number. */
  async proveNumber() {
    await this.startSignUp()
    await this.sendCode()
    return this.enterCode()
  }

  /** The number may then be sent a code for something else. */
  async finishSignUp() {
    const finished = await seen(this.api.finishSignup.response())
    if (finished.ok) await this.letWaitsPass()
    return finished
  }

  async letWaitsPass(): Promise<void> {
    await this.#server.letWaitsPass?.(this.phoneNumber)
  }

  async signUp(): Promise<void> {
    await this.proveNumber()
    const { status } = await this.finishSignUp()
    if (status !== 200) throw new Error(`sign-up answered ${status}`)
  }

  async logIn(password = this.password) {
    return this.#keepUid(seen(this.api.logIn.response({ phone_number: this.phoneNumber, password })))
  }

  /** The same by uid. */
  verify(password = this.password) {
    return seen(this.api.verifyUser.response({ ...this.param, password }))
  }

  async startRecovery() {
    return this.#keepUid(seen(this.api.startRecovery.response({ phone_number: this.phoneNumber })))
  }

  /** The same person at another browser, where the lost account's number is proved. */
  async recovering(): Promise<Person> {
    const browser = this.elsewhere()
    await this.letWaitsPass()
    await browser.startRecovery()
    await browser.sendCode()
    const { status } = await browser.enterCode()
    if (status !== 200) throw new Error(`the code was answered ${status}`)
    return browser
  }

  finishRecovery(newPassword: string, userId = this.uid) {
    return seen(this.api.finishRecovery.response({ user_id: userId, new_password: newPassword }))
  }

  dashboard() {
    return seen(this.api.readDashboard.response(this.param))
  }

  logOut() {
    return seen(this.api.logOut.response(this.param))
  }

  changePassword(newPassword: string, password = this.password) {
    return seen(this.api.changePassword.response({ ...this.param, password, new_password: newPassword }))
  }

  deleteAccount(password = this.password) {
    return seen(this.api.deleteUser.response({ ...this.param, password }))
  }

  async savedPlatforms(): Promise<string[]> {
    const { saved_platforms } = await this.api.listPlatforms(this.param)
    return saved_platforms.map(({ name }) => name)
  }

  start(platform: string, protocol: string, body: BodyOf<'startGrant'> = {}) {
    return seen(this.api.startGrant.response({ ...this.param, platform, protocol, ...body }))
  }

  finish(platform: string, protocol: string, body: BodyOf<'finishGrant'>) {
    return seen(this.api.finishGrant.response({ ...this.param, platform, protocol, ...body }))
  }

  step(platform: string, protocol: string, action: string, body: BodyOf<'takeGrantStep'>) {
    return seen(this.api.takeGrantStep.response({ ...this.param, platform, protocol, action, ...body }))
  }

  revoke(platform: string, protocol: string, password = this.password) {
    return seen(this.api.revokeGrant.response({ ...this.param, platform, protocol, password }))
  }

  /** Goes to Google's consent page and comes back with what it gives. */
  async consentAtGoogle(
    options: { account?: string; scopes?: string[] } = {},
  ): Promise<{ code: string; state: string }> {
    const started = await this.start('gmail', 'oauth2')
    const { url } = await started.json()
    return consent(url, {
      ...(options.account && { person: options.account }),
      ...(options.scopes && { scopes: options.scopes }),
    })
  }

  async connectGmail(options: { account?: string; scopes?: string[] } = {}) {
    const { code, state } = await this.consentAtGoogle(options)
    return this.finish('gmail', 'oauth2', { code, state })
  }

  async #keepUid<Success extends Answer<number, { uid: string }>>(answer: Promise<Seen<Success>>) {
    const response = await answer
    const { uid } = await response.clone().json()
    if (uid) this.uid = uid
    return response
  }
}
