import type { ServerKey } from './server-key.ts'
import type { PasswordCheck } from './two-step-password.ts'
import type { CodeWay, NewTelegramAccount } from './well-known-accounts.ts'

export type TelegramServer = { readonly dc: number; readonly host: string; readonly port: number }

/** A request as it reached a data centre. `method` as TL spells it: `auth.sendCode`. */
export type ReceivedRequest = { readonly dc: number; readonly method: string; readonly phoneNumber?: string }

/**
 * What goes wrong with one request: `drop` carries it out and closes the socket instead of answering, `hang` neither
 * carries it out nor answers, `delayMs` carries it out and answers late, `until` when that has come to pass, `error` is Telegram's refusal with its code.
 */
export type TelegramFault =
  | 'drop'
  | 'hang'
  | { readonly delayMs: number }
  | { readonly until: Promise<unknown> }
  | { readonly error: string; readonly code: number }

export type Account = NewTelegramAccount & { readonly id: number; readonly dc: number }

/** A code on its way to someone, good for the authorization key that asked for it. */
export type SentCode = {
  readonly phoneNumber: string
  readonly authKey: AuthKey
  readonly code: string
  /** It went by e-mail, and is entered as one that did. */
  readonly byEmail: boolean
  /** What is left to be offered. */
  readonly nextWays: readonly CodeWay[]
  readonly expiresAt: number
  wrongTries: number
  /** The code was right and the number has no account: what signUp needs. */
  mayRegister: boolean
}

/** A client's run of messages under one key. */
export type Session = {
  /** Has said initConnection. */
  initialized: boolean
  /** Sent so far, of the kind that sequence numbers count. */
  contentMessages: number
  /** Message ids received: each counts once. */
  readonly seen: Set<bigint>
}

export type AuthKey = {
  readonly id: bigint
  readonly key: Buffer
  readonly salt: bigint
  readonly dc: number
  readonly sessions: Map<bigint, Session>
  /** Every number that this key has asked a code for. */
  readonly phoneNumbers: Set<string>
  account?: Account
  /** Who has given the right code and still owes the two-step password. */
  owesPassword?: Account
  passwordCheck?: PasswordCheck
  /** Its authorization was ended from another device. */
  revoked?: boolean
}

/** All that the data centres of one sandbox share. */
export type TelegramState = {
  readonly apiId: number
  readonly apiHash: string
  readonly serverKey: ServerKey
  readonly servers: TelegramServer[]
  /** The data centre of numbers that have no account. */
  readonly homeDc: number
  readonly accounts: Map<string, Account>
  readonly codes: Map<string, SentCode>
  readonly authKeys: Map<bigint, AuthKey>
  readonly received: ReceivedRequest[]
  readonly faults: Map<string, TelegramFault[]>
  /** Who waits for a request of a method to be done. */
  readonly waiting: Map<string, (() => void)[]>
}

/** Numbers reach Telegram with and without a plus sign and spaces. */
export function digitsOf(phoneNumber: string): string {
  return phoneNumber.replace(/\D/g, '')
}

/** Adds an account, or replaces the one with that number. */
export function addAccount(state: TelegramState, account: NewTelegramAccount): Account {
  const digits = digitsOf(account.phoneNumber)
  const id = state.accounts.get(digits)?.id ?? 7_000_000_001 + state.accounts.size
  const added = { ...account, id, dc: account.dc ?? state.homeDc }
  state.accounts.set(digits, added)
  return added
}
