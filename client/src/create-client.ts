import { hc } from 'hono/client'
import type { api } from '../../src/api/app.ts'
import type { ClientOptions } from './client-options.ts'
import { nameOperation } from './name-operation.ts'
import { openTransport } from './open-transport.ts'

/** All operations of the API, named as in its document. */
export function createClient(options: ClientOptions) {
  const transport = openTransport(options)
  const http = hc<typeof api>(options.baseUrl.replace(/\/+$/, '').replace(/\/v2$/, ''), {
    fetch: (url: string | URL | Request, init: RequestInit = {}) => transport(String(url), init),
    headers: { ...defaultHeaders, ...options.headers },
  }).v2
  const user = http.users[':user_id']
  const wallet = user.platforms[':platform'].protocols[':protocol']
  return {
    /** Begins to sign up, and opens a session for it. Sends no SMS: `sendCode` does. */
    startSignup: nameOperation(http.signup, '$post'),
    /** Sends a code by SMS to the session's own number. `expires`: when the next send is allowed, epoch milliseconds. */
    sendCode: nameOperation(user.OTP, '$post'),
    /** Proves the number of a sign-up or recovery. `expires`: until when the next step may be taken, ISO 8601. */
    checkCode: nameOperation(http.OTP, '$put'),
    /** Makes a sign-up whose number is proved an account. The session ends: `logIn` next. */
    finishSignup: nameOperation(http.signup, '$put'),
    /** Signs in with a phone number. */
    logIn: nameOperation(http.login, '$post'),
    /** Signs in with a user id. */
    verifyUser: nameOperation(user.verify, '$post'),
    /** Ends the session. */
    logOut: nameOperation(user.logout, '$post'),
    /** Changes the password and ends the user's other sessions. A wrong one is 403. */
    changePassword: nameOperation(user.password, '$post'),
    /** For a lost password: opens a session in which the number can be proved, by `sendCode` and `checkCode`. */
    startRecovery: nameOperation(http.recovery, '$post'),
    /** Sets the new password. Ends every session and revokes every grant. */
    finishRecovery: nameOperation(user.recovery, '$put'),
    /** Deletes the account and everything of it. A wrong password is 403. */
    deleteUser: nameOperation(user, '$delete'),
    /** When the user joined (`createdAt`) and last signed in before this session (`updatedAt`), ISO 8601. */
    readDashboard: nameOperation(user.dashboard, '$get'),
    /** Every platform that the server offers, once: saved or unsaved. */
    listPlatforms: nameOperation(user.platforms, '$get'),
    /** Begins to save a platform. `url`: send the user there. Telegram takes `phone_number` and sends a code instead. */
    startGrant: nameOperation(wallet, '$post'),
    /** Saves the platform with what it gave the user. `initialization_url`: not empty where one more step is needed. */
    finishGrant: nameOperation(wallet, '$put'),
    /** Takes that step. Telegram: `register` or `password`. */
    takeGrantStep: nameOperation(wallet[':action'], '$put'),
    /** Takes a platform out of the wallet. A wrong password is 403. */
    revokeGrant: nameOperation(wallet, '$delete'),
  }
}

export type Client = ReturnType<typeof createClient>

/** One that can be saved. `logo` is a path at the API's origin, without `/v2`. */
export type Platform = Awaited<ReturnType<Client['listPlatforms']>>['saved_platforms'][number]

/** Browsers name themselves, and may not be told otherwise; without a name the server opens no session. */
const inBrowser = globalThis.navigator?.userAgent?.startsWith('Mozilla/')
const defaultHeaders = {
  Accept: 'application/problem+json, application/json',
  // Without a version: a session belongs to its User-Agent, and should outlive an update.
  ...(!inBrowser && { 'User-Agent': 'smswithoutborders-api-client' }),
}
