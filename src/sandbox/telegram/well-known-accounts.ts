/** Telegram's code for every account here, unless the account has one of its own. */
export const telegramCode = '12345'

/** The two-step password of the second well-known account. */
export const telegramPassword = 'correct horse battery staple'

/** How a code is sent: `auth.SentCodeType…`. `payment`: it isn't, until something is paid. */
export type CodeWay =
  | 'app'
  | 'sms'
  | 'smsWord'
  | 'call'
  | 'flashCall'
  | 'missedCall'
  | 'email'
  | 'setUpEmail'
  | 'fragment'
  | 'firebase'
  | 'payment'

/** An account as a test or a newcomer describes it. Numbers are E.164. */
export type NewTelegramAccount = {
  readonly phoneNumber: string
  readonly firstName: string
  readonly lastName?: string
  readonly username?: string
  /** What Telegram "sends" to this account. */
  readonly code?: string
  /** How Telegram would send its code, and what it offers when asked for another way, in turn. Default: `sms`, then `call`. */
  readonly ways?: readonly CodeWay[]
  /** Makes it a two-step account. */
  readonly password?: string
  /** The data centre where it lives; the others answer PHONE_MIGRATE. */
  readonly dc?: number
  readonly banned?: boolean
}

/**
 * Accounts that every sandbox starts with. Any other number has no account yet and may register. Numbers reserved for fiction; one of the
 * anonymous numbers that Telegram sells, and one of its test numbers, whose code repeats their data centre's digit.
 */
export const telegramAccounts: readonly NewTelegramAccount[] = [
  { phoneNumber: '+12025550101', firstName: 'Ada', lastName: 'Sandbox', username: 'ada_sandbox' },
  { phoneNumber: '+12025550102', firstName: 'Grace', username: 'grace_sandbox', password: telegramPassword },
  { phoneNumber: '+12025550103', firstName: 'Mary', username: 'mary_sandbox', dc: 1 },
  { phoneNumber: '+12025550104', firstName: 'Eve', banned: true },
  { phoneNumber: '+88808362472', firstName: 'Nobody' },
  { phoneNumber: '+9996611502', firstName: 'Test', code: '11111', dc: 1 },
]
