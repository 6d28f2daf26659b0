import type { Person } from '../support/person.ts'

/** All that an answer says, but for what differs between any two: ids by when they were first seen; times, apart, by how many seconds they are off. */
export type Sight = { status: number; body: string; headers: Record<string, string>; times: number[] }

const password = 'a passphrase of a stranger'

/** Somebody who has neither the phone nor the password, and browsers enough. */
export class Stranger {
  readonly #meet: () => Person
  readonly #browsers = new Map<string, Person>()
  readonly #known = new Map<string, string>()

  constructor(meet: () => Person) {
    this.#meet = meet
  }

  browser(name: string): Person {
    const browser = this.#browsers.get(name) ?? this.#meet()
    this.#browsers.set(name, browser)
    return browser
  }

  #path(browser: Person, rest = '') {
    return `/v2/users/${browser.uid || '00000000-0000-4000-8000-000000000000'}${rest}`
  }

  async recover(name: string): Promise<Response> {
    const browser = this.browser(name)
    const answer = await browser.send('POST', '/v2/recovery', { phone_number: browser.phoneNumber })
    return this.#keepUid(browser, answer)
  }
  async signUp(name: string): Promise<Response> {
    const browser = this.browser(name)
    const body = { phone_number: browser.phoneNumber, password }
    return this.#keepUid(browser, await browser.send('POST', '/v2/signup', body))
  }
  askForCode(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('POST', this.#path(browser, '/OTP'), { phone_number: browser.phoneNumber })
  }
  enterWrongCode(name: string): Promise<Response> {
    return this.browser(name).send('PUT', '/v2/OTP', { code: '000000' })
  }
  finishSignUp(name: string): Promise<Response> {
    return this.browser(name).send('PUT', '/v2/signup', {})
  }
  finishRecovery(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('PUT', this.#path(browser, '/recovery'), { new_password: 'what a thief would set' })
  }
  guess(name: string): Promise<Response> {
    const { phoneNumber: phone_number } = this.browser(name)
    return this.#meet().send('POST', '/v2/login', { phone_number, password: 'a guess of a stranger' })
  }
  guessByUid(name: string): Promise<Response> {
    return this.#meet().send('POST', this.#path(this.browser(name), '/verify'), { password: 'a guess of a stranger' })
  }
  lookAtDashboard(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('GET', this.#path(browser, '/dashboard'))
  }
  changePassword(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('POST', this.#path(browser, '/password'), { password, new_password: 'what a thief would set' })
  }
  deleteAccount(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('DELETE', this.#path(browser), { password })
  }
  listPlatforms(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('GET', this.#path(browser, '/platforms'))
  }
  logOut(name: string): Promise<Response> {
    const browser = this.browser(name)
    return browser.send('POST', this.#path(browser, '/logout'), {})
  }

  async see(step: (stranger: Stranger) => Promise<Response>): Promise<Sight> {
    const answer = await step(this)
    const now = Date.now()
    const times: number[] = []
    const time = (milliseconds: number) => {
      times.push(milliseconds / 1000)
      return 'time'
    }
    const body = (await answer.clone().text())
      .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, (uid) => this.#nameOf(uid))
      .replace(/(?<!\d)\d{13}(?!\d)/g, (at) => time(Number(at) - now))
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => time(Date.parse(at) - now))
    const headers: Record<string, string> = {}
    for (const [name, value] of answer.headers) {
      if (name === 'date' || name === 'x-request-id') continue
      headers[name] = name === 'retry-after' ? time(Number(value) * 1000) : value.replace(/=[\w-]{43}/g, '=token')
    }
    return { status: answer.status, body, headers, times }
  }

  #nameOf(uid: string): string {
    const name = this.#known.get(uid) ?? `uid ${this.#known.size + 1}`
    this.#known.set(uid, name)
    return name
  }

  async #keepUid(browser: Person, answer: Response): Promise<Response> {
    if (answer.status === 200) browser.uid = ((await answer.clone().json()) as { uid: string }).uid
    return answer
  }
}
