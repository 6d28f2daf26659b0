import type { Api as TelegramApi } from 'telegram/tl/index.js'
import { ProviderError, RefusedError, UnavailableError } from '../../errors.ts'
import { readCode } from '../../input/code.ts'
import type { CodeChannel } from '../platform.ts'
import { type TelegramConnection, type TelegramOptions, TelegramRefusal } from './connection.ts'

/** Where codes go that a person can read and type. Telegram has others: a call whose number is the code, a challenge for its own apps. */
const channels: Readonly<Record<string, CodeChannel>> = {
  'auth.SentCodeTypeApp': 'app',
  'auth.SentCodeTypeSms': 'sms',
  'auth.SentCodeTypeSmsWord': 'sms',
  'auth.SentCodeTypeSmsPhrase': 'sms',
  'auth.SentCodeTypeCall': 'call',
  'auth.SentCodeTypeEmailCode': 'email',
  'auth.SentCodeTypeFragmentSms': 'fragment',
}

/** Telegram changes its way of sending at most so often for one start. */
const maxResends = 3
const maxMoves = 2

/** A code is under way. `phoneCodeHash` is what it is entered with. */
export type SentTelegramCode = { phoneCodeHash: string; sentTo: CodeChannel }

/** Asks for a code, and for another way of sending where nobody could type what Telegram would send first. */
export async function sendCode(
  connection: TelegramConnection,
  options: TelegramOptions,
  phoneNumber: string,
): Promise<SentTelegramCode> {
  const { Api } = connection
  let sent = await askForCode(connection, options, phoneNumber)
  for (let resends = 0; ; resends++) {
    if (sent instanceof Api.auth.SentCodePaymentRequired) throw refused('Telegram requires a payment for this number')
    if (!(sent instanceof Api.auth.SentCode)) {
      // Signed in without a code: nobody proved anything, so it mustn't last.
      if (sent instanceof Api.auth.SentCodeSuccess) await connection.ask(new Api.auth.LogOut())
      throw new UnavailableError('Telegram', { cause: new ProviderError('Telegram sent no code') })
    }
    const { type, phoneCodeHash, nextType } = sent
    const sentTo = Object.hasOwn(channels, type.className) ? channels[type.className] : undefined
    if (sentTo) return { phoneCodeHash, sentTo }
    if (type instanceof Api.auth.SentCodeTypeSetUpEmailRequired) {
      throw refused("Telegram requires a login email for this account; set it up in Telegram's own app first")
    }
    if (nextType === undefined || resends === maxResends) {
      throw refused('Telegram only sends this number codes in its own app; sign in there first')
    }
    sent = await connection.ask(new Api.auth.ResendCode({ phoneNumber, phoneCodeHash }))
  }
}

const refused = (message: string) => new RefusedError('forbidden', message, { fields: ['phone_number'] })

/** At the data centre where the number lives; a migration answer, and one to begin anew, mean that no code was sent. */
async function askForCode(
  connection: TelegramConnection,
  { apiId, apiHash }: TelegramOptions,
  phoneNumber: string,
): Promise<TelegramApi.auth.TypeSentCode | unknown> {
  const { Api } = connection
  const settings = new Api.CodeSettings({})
  for (let [moves, restarts] = [0, 0]; ; ) {
    try {
      return await connection.ask(new Api.auth.SendCode({ phoneNumber, apiId, apiHash, settings }))
    } catch (error) {
      if (!(error instanceof TelegramRefusal)) throw error
      const dc = migratedDc(error)
      if (dc !== undefined && moves++ < maxMoves) await connection.moveTo(dc)
      else if (error.message !== 'AUTH_RESTART' || restarts++ > 0) throw error
    }
  }
}

/** The data centre that a number or account has moved to, where that is what Telegram refuses for. */
export function migratedDc({ message }: TelegramRefusal): number | undefined {
  const dc = /^(?:PHONE|NETWORK|USER)_MIGRATE_(\d+)$/.exec(message)?.[1]
  return dc === undefined ? undefined : Number(dc)
}

/** Five digits as a rule, and how many only Telegram knows. It can also send a word or a phrase, which has none. */
export function readTelegramCode(typed: string): string {
  const code = /\p{Nd}/u.test(typed.normalize('NFKC'))
    ? readCode(typed, { shortest: 1, longest: 8 })
    : typed
        .replace(/\p{Cf}/gu, '')
        .trim()
        .split(/\s+/)
        .join(' ')
  if (code && /[\p{L}\d]/u.test(code)) return code
  throw new RefusedError('bad_request', 'a code is required', { fields: ['code'] })
}
