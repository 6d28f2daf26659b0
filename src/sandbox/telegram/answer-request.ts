import { randomBytes } from 'node:crypto'
import { returnBigInt } from 'telegram/Helpers.js'
import { Api } from 'telegram/tl/index.js'
import { configOf } from './config.ts'
import { RpcRefusal } from './rpc-refusal.ts'
import { nextTypeOf, paymentRequired, typeOf } from './sent-code-types.ts'
import {
  type Account,
  type AuthKey,
  addAccount,
  digitsOf,
  type SentCode,
  type TelegramState,
} from './telegram-state.ts'
import { challengePassword, noPassword } from './two-step-password.ts'
import { type CodeWay, telegramCode } from './well-known-accounts.ts'

const codeLifetimeMs = 5 * 60 * 1000
const codeTries = 5

/** A TL object, or several as a TL vector. */
export type RpcAnswer = { getBytes(): Buffer } | readonly { getBytes(): Buffer }[]

/** Carries out an API call for the owner of an authorization key. Throws `RpcRefusal` where Telegram answers an error. */
export async function answerRequest(state: TelegramState, authKey: AuthKey, request: unknown): Promise<RpcAnswer> {
  if (request instanceof Api.help.GetConfig) return configOf(state, authKey.dc)
  if (request instanceof Api.auth.SendCode) return sendCode(state, authKey, request)
  if (request instanceof Api.auth.ResendCode) return resendCode(state, authKey, request)
  if (request instanceof Api.auth.SignIn) return signIn(state, authKey, request)
  if (request instanceof Api.auth.SignUp) return signUp(state, authKey, request)
  if (request instanceof Api.account.GetPassword) return getPassword(authKey)
  if (request instanceof Api.auth.CheckPassword) return checkPassword(authKey, request)
  if (request instanceof Api.auth.LogOut) return logOut(authKey)
  if (request instanceof Api.users.GetUsers) return getUsers(authKey, request)
  if (request instanceof Api.updates.GetState) return getState(authKey)
  throw new RpcRefusal(400, 'INPUT_METHOD_INVALID')
}

function sendCode(state: TelegramState, authKey: AuthKey, request: Api.auth.SendCode): RpcAnswer {
  if (request.apiId !== state.apiId || request.apiHash !== state.apiHash) throw new RpcRefusal(400, 'API_ID_INVALID')
  const phoneNumber = digitsOf(request.phoneNumber)
  if (phoneNumber.length < 8 || phoneNumber.length > 15) throw new RpcRefusal(400, 'PHONE_NUMBER_INVALID')
  const account = state.accounts.get(phoneNumber)
  if (account?.banned) throw new RpcRefusal(400, 'PHONE_NUMBER_BANNED')
  const dc = account?.dc ?? state.homeDc
  if (dc !== authKey.dc) throw new RpcRefusal(303, `PHONE_MIGRATE_${dc}`)
  if (authKey.account) throw new RpcRefusal(500, 'AUTH_RESTART')
  return newCode(state, authKey, phoneNumber, account?.ways ?? ['sms', 'call'])
}

function resendCode(state: TelegramState, authKey: AuthKey, request: Api.auth.ResendCode): RpcAnswer {
  const { phoneNumber, nextWays } = findCode(state, authKey, request)
  if (nextWays.length === 0) throw new RpcRefusal(400, 'SEND_CODE_UNAVAILABLE')
  state.codes.delete(request.phoneCodeHash)
  return newCode(state, authKey, phoneNumber, nextWays)
}

function newCode(
  state: TelegramState,
  authKey: AuthKey,
  phoneNumber: string,
  [way = 'sms', ...nextWays]: readonly CodeWay[],
): RpcAnswer {
  const phoneCodeHash = randomBytes(9).toString('hex')
  if (way === 'payment') return paymentRequired(phoneCodeHash)
  const code = state.accounts.get(phoneNumber)?.code ?? telegramCode
  const expiresAt = Date.now() + codeLifetimeMs
  const sent = { phoneNumber, authKey, code, byEmail: way === 'email', nextWays, expiresAt }
  state.codes.set(phoneCodeHash, { ...sent, wrongTries: 0, mayRegister: false })
  authKey.phoneNumbers.add(phoneNumber)
  const nextType = nextWays[0] && nextTypeOf(nextWays[0])
  return new Api.auth.SentCode({ type: typeOf(way, code), phoneCodeHash, ...(nextType && { nextType }), timeout: 60 })
}

function findCode(
  state: TelegramState,
  authKey: AuthKey,
  request: { readonly phoneNumber: string; readonly phoneCodeHash: string },
): SentCode {
  const sent = state.codes.get(request.phoneCodeHash)
  if (sent === undefined || sent.authKey !== authKey || sent.expiresAt < Date.now())
    throw new RpcRefusal(400, 'PHONE_CODE_EXPIRED')
  if (sent.phoneNumber !== digitsOf(request.phoneNumber)) throw new RpcRefusal(400, 'PHONE_NUMBER_INVALID')
  return sent
}

function signIn(state: TelegramState, authKey: AuthKey, request: Api.auth.SignIn): RpcAnswer {
  const { emailVerification: email } = request
  if (!request.phoneCode && !email) throw new RpcRefusal(400, 'PHONE_CODE_EMPTY')
  const sent = findCode(state, authKey, request)
  // Each kind is known in its own field only.
  const entered = sent.byEmail ? email instanceof Api.EmailVerificationCode && email.code : request.phoneCode
  if (sent.code !== entered) {
    sent.wrongTries++
    if (sent.wrongTries >= codeTries) state.codes.delete(request.phoneCodeHash)
    throw new RpcRefusal(400, sent.byEmail && email ? 'CODE_INVALID' : 'PHONE_CODE_INVALID')
  }
  const account = state.accounts.get(sent.phoneNumber)
  if (account === undefined) {
    sent.mayRegister = true
    return new Api.auth.AuthorizationSignUpRequired({})
  }
  state.codes.delete(request.phoneCodeHash)
  if (account.password !== undefined) {
    authKey.owesPassword = account
    throw new RpcRefusal(401, 'SESSION_PASSWORD_NEEDED')
  }
  return authorize(authKey, account)
}

function signUp(state: TelegramState, authKey: AuthKey, request: Api.auth.SignUp): RpcAnswer {
  const sent = findCode(state, authKey, request)
  if (!sent.mayRegister) throw new RpcRefusal(400, 'PHONE_CODE_INVALID')
  if (state.accounts.has(sent.phoneNumber)) throw new RpcRefusal(400, 'PHONE_NUMBER_OCCUPIED')
  const { firstName, lastName } = request
  if (firstName.trim() === '' || firstName.length > 64) throw new RpcRefusal(400, 'FIRSTNAME_INVALID')
  if (lastName.length > 64) throw new RpcRefusal(400, 'LASTNAME_INVALID')
  state.codes.delete(request.phoneCodeHash)
  const phoneNumber = `+${sent.phoneNumber}`
  return authorize(
    authKey,
    addAccount(state, { phoneNumber, firstName, dc: authKey.dc, ...(lastName && { lastName }) }),
  )
}

function authorize(authKey: AuthKey, account: Account): RpcAnswer {
  authKey.account = account
  delete authKey.owesPassword
  delete authKey.revoked
  return new Api.auth.Authorization({ user: userOf(account) })
}

/** The account that this key speaks for. */
function accountOf({ account, owesPassword, revoked }: AuthKey): Account {
  if (revoked) throw new RpcRefusal(401, 'SESSION_REVOKED')
  if (account) return account
  throw new RpcRefusal(401, owesPassword ? 'SESSION_PASSWORD_NEEDED' : 'AUTH_KEY_UNREGISTERED')
}

async function getPassword(authKey: AuthKey): Promise<RpcAnswer> {
  const { password } = authKey.owesPassword ?? accountOf(authKey)
  if (password === undefined) return new Api.account.Password(noPassword())
  authKey.passwordCheck = await challengePassword(password)
  return authKey.passwordCheck.challenge
}

function checkPassword(authKey: AuthKey, { password }: Api.auth.CheckPassword): RpcAnswer {
  const account = authKey.owesPassword ?? accountOf(authKey)
  if (authKey.passwordCheck === undefined) throw new RpcRefusal(400, 'SRP_ID_INVALID')
  if (!(password instanceof Api.InputCheckPasswordSRP)) throw new RpcRefusal(400, 'PASSWORD_HASH_INVALID')
  const accepted = authKey.passwordCheck.accepts(password)
  delete authKey.passwordCheck
  if (!accepted) throw new RpcRefusal(400, 'PASSWORD_HASH_INVALID')
  return authorize(authKey, account)
}

function logOut(authKey: AuthKey): RpcAnswer {
  accountOf(authKey)
  delete authKey.account
  return new Api.auth.LoggedOut({})
}

function getUsers(authKey: AuthKey, request: Api.users.GetUsers): RpcAnswer {
  const account = accountOf(authKey)
  return request.id.filter((user) => user instanceof Api.InputUserSelf).map(() => userOf(account))
}

function getState(authKey: AuthKey): RpcAnswer {
  accountOf(authKey)
  return new Api.updates.State({ pts: 1, qts: 0, date: Math.floor(Date.now() / 1000), seq: 1, unreadCount: 0 })
}

function userOf({ id, firstName, lastName, username, phoneNumber }: Account): Api.User {
  return new Api.User({
    id: returnBigInt(id),
    accessHash: returnBigInt(id),
    self: true,
    firstName,
    phone: digitsOf(phoneNumber),
    ...(lastName && { lastName }),
    ...(username && { username }),
  })
}
