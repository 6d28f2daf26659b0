import { randomInt } from 'node:crypto'
import { type ClientResponse, hc } from 'hono/client'
import type { api } from '../../src/api/api.ts'
import { consent } from './google-consent.ts'
import type { Phone } from './phone.ts'

export const randomPhoneNumber = (): string => `+23767${String(randomInt(10_000_000)).padStart(7, '0')}`

type Server = { fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>; phone: Phone }

const openClient = (fetch: typeof globalThis.fetch) => hc<typeof api>('http://api.test', { fetch }).v2

/** Somebody who uses the API from one browser: keeps its cookie, and knows the own number and password. */
export class Person {
  readonly phoneNumber: string
  readonly userAgent: string
  password = 'a passphrase of my own'
  uid = ''
  cookie = ''
  readonly api: ReturnType<typeof openClient>
  readonly #server: Server

  constructor(
    server: Server,
    { phoneNumber, userAgent = 'Test/1.0' }: { phoneNumber: string; userAgent?: string | undefined },
  ) {
    this.#server = server
    this.phoneNumber = phoneNumber
    this.userAgent = userAgent
    this.api = openClient((input, init) => this.fetch(input, init))
  }

  /** Any request as this person would make it. */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init)
    if (this.cookie && !request.headers.has('Cookie')) request.headers.set('Cookie', this.cookie)
    if (!request.headers.has('User-Agent')) request.headers.set('User-Agent', this.userAgent)
    const response = await this.#server.fetch(request)
    const set = response.headers.get('Set-Cookie')
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
      await this.api.signup.$post({ json: { phone_number: this.phoneNumber, password: this.password } }),
    )
  }

  sendCode() {
    return this.api.users[':user_id'].OTP.$post({ param: this.param, json: { phone_number: this.phoneNumber } })
  }

  get lastCode(): string {
    return this.#server.phone.lastCodeTo(this.phoneNumber)
  }

  enterCode(code = this.lastCode) {
    return this.api.OTP.$put({ json: { code } })
  }

  /** Up to the proved number. */
  async proveNumber() {
    await this.startSignUp()
    await this.sendCode()
    return this.enterCode()
  }

  finishSignUp() {
    return this.api.signup.$put({ json: {} })
  }

  async signUp(): Promise<void> {
    await this.proveNumber()
    const { status } = await this.finishSignUp()
    if (status !== 200) throw new Error(`sign-up answered ${status}`)
  }

  async logIn(password = this.password) {
    return this.#keepUid(await this.api.login.$post({ json: { phone_number: this.phoneNumber, password } }))
  }

  async startRecovery() {
    return this.#keepUid(await this.api.recovery.$post({ json: { phone_number: this.phoneNumber } }))
  }

  finishRecovery(newPassword: string, userId = this.uid) {
    return this.api.users[':user_id'].recovery.$put({ param: { user_id: userId }, json: { new_password: newPassword } })
  }

  dashboard() {
    return this.api.users[':user_id'].dashboard.$get({ param: this.param })
  }

  logOut() {
    return this.api.users[':user_id'].logout.$post({ param: this.param, json: {} })
  }

  changePassword(newPassword: string, password = this.password) {
    return this.api.users[':user_id'].password.$post({
      param: this.param,
      json: { password, new_password: newPassword },
    })
  }

  deleteAccount(password = this.password) {
    return this.api.users[':user_id'].$delete({ param: this.param, json: { password } })
  }

  async savedPlatforms(): Promise<string[]> {
    const response = await this.api.users[':user_id'].platforms.$get({ param: this.param })
    return (await response.json()).saved_platforms.map(({ name }) => name)
  }

  get wallet() {
    return this.api.users[':user_id'].platforms[':platform'].protocols[':protocol']
  }

  start(platform: string, protocol: string, json: Parameters<Person['wallet']['$post']>[0]['json'] = {}) {
    return this.wallet.$post({ param: { ...this.param, platform, protocol }, json })
  }

  finish(platform: string, protocol: string, json: Parameters<Person['wallet']['$put']>[0]['json']) {
    return this.wallet.$put({ param: { ...this.param, platform, protocol }, json })
  }

  step(
    platform: string,
    protocol: string,
    action: string,
    json: Parameters<Person['wallet'][':action']['$put']>[0]['json'],
  ) {
    return this.wallet[':action'].$put({ param: { ...this.param, platform, protocol, action }, json })
  }

  revoke(platform: string, protocol: string, password = this.password) {
    return this.wallet.$delete({ param: { ...this.param, platform, protocol }, json: { password } })
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

  async #keepUid<Answer extends ClientResponse<{ uid: string }, number, 'json'>>(response: Answer): Promise<Answer> {
    const { uid } = (await response.clone().json()) as { uid?: string }
    if (uid) this.uid = uid
    return response
  }
}
