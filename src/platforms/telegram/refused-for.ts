import { type Refusal, RefusedError } from '../../errors.ts'

const daySeconds = 86_400

const startAgain = 'the code has expired; start again'

/** Telegram's names of what a person can mend, or at least be told. `field`: in wire names. */
const refusals: Readonly<Record<string, { refusal: Refusal; message: string; field?: string; seconds?: number }>> = {
  PHONE_NUMBER_INVALID: {
    refusal: 'bad_request',
    message: 'Telegram refuses this phone number',
    field: 'phone_number',
  },
  PHONE_NUMBER_BANNED: {
    refusal: 'forbidden',
    message: 'Telegram has banned this phone number',
    field: 'phone_number',
  },
  PHONE_NUMBER_APP_SIGNUP_FORBIDDEN: {
    refusal: 'forbidden',
    message: 'Telegram only creates accounts in its own app',
  },
  PHONE_NUMBER_OCCUPIED: { refusal: 'forbidden', message: 'this phone number now has an account; start again' },
  // Telegram names no time for these two; support pages speak of a day.
  PHONE_NUMBER_FLOOD: { refusal: 'too_many_requests', message: 'too many codes for this number', seconds: daySeconds },
  PHONE_PASSWORD_FLOOD: {
    refusal: 'too_many_requests',
    message: 'too many sign-ins for this number',
    seconds: daySeconds,
  },
  PHONE_CODE_INVALID: { refusal: 'forbidden', message: 'wrong code', field: 'code' },
  PHONE_CODE_EMPTY: { refusal: 'forbidden', message: 'wrong code', field: 'code' },
  PHONE_CODE_EXPIRED: { refusal: 'forbidden', message: startAgain },
  PHONE_CODE_HASH_EMPTY: { refusal: 'forbidden', message: startAgain },
  // Of a code that went by e-mail.
  CODE_INVALID: { refusal: 'forbidden', message: 'wrong code', field: 'code' },
  CODE_EMPTY: { refusal: 'forbidden', message: 'wrong code', field: 'code' },
  EMAIL_CODE_INVALID: { refusal: 'forbidden', message: 'wrong code', field: 'code' },
  EMAIL_TOKEN_INVALID: { refusal: 'forbidden', message: 'wrong code', field: 'code' },
  EMAIL_VERIFY_EXPIRED: { refusal: 'forbidden', message: startAgain },
  EMAIL_HASH_EXPIRED: { refusal: 'forbidden', message: startAgain },
  SEND_CODE_UNAVAILABLE: {
    refusal: 'forbidden',
    message: 'Telegram cannot send this number a code any other way; sign in with its own app first',
    field: 'phone_number',
  },
  AUTH_RESTART: { refusal: 'forbidden', message: startAgain },
  PASSWORD_HASH_INVALID: { refusal: 'forbidden', message: 'wrong password', field: 'password' },
  SRP_PASSWORD_CHANGED: { refusal: 'forbidden', message: 'wrong password', field: 'password' },
  FIRSTNAME_INVALID: { refusal: 'bad_request', message: 'Telegram refuses this first name', field: 'first_name' },
  LASTNAME_INVALID: { refusal: 'bad_request', message: 'Telegram refuses this last name', field: 'last_name' },
}

/** Whether Telegram refused a code rather than what it's for. */
export const isAboutCode = (name: string): boolean => /^(?:PHONE_|EMAIL_)?CODE_|^EMAIL_VERIFY_/.test(name)

/** The refusal for an error that Telegram named; undefined when the caller can do nothing about it. */
export function refusedFor(name: string): RefusedError | undefined {
  const wait = secondsToWait(name)
  if (wait !== undefined)
    return new RefusedError('too_many_requests', 'Telegram is rate limiting; try again later', {
      retryAfterSeconds: wait,
    })
  const known = Object.hasOwn(refusals, name) ? refusals[name] : undefined
  if (known === undefined) return undefined
  const { refusal, message, field, seconds } = known
  return new RefusedError(refusal, message, {
    ...(field && { fields: [field] }),
    ...(seconds && { retryAfterSeconds: seconds }),
  })
}

/** `FLOOD_WAIT_30` and its kin: 30. */
export function secondsToWait(name: string): number | undefined {
  const seconds = /^FLOOD_(?:PREMIUM_|TEST_PHONE_)?WAIT_(\d+)$/.exec(name)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
