import { RefusedError } from '../errors.ts'

/** The languages in which codes are sent. */
export type SmsLanguage = 'en' | 'fr' | 'es' | 'fa'

/** Why a code is sent: proves a number at sign-up, or for an account whose password is lost. */
export type CodePurpose = 'signup' | 'recovery'

export type CodeMessage = {
  /** E.164. */
  to: string
  /** Six digits. A provider that makes its own codes ignores it. */
  code: string
  purpose: CodePurpose
  language: SmsLanguage
  /** Epoch milliseconds, by the database's clock: this machine's may be wrong. */
  sentAt: number
}

/**
 * Gets one-time codes to phones. Throws `UnavailableError` when the provider can't take the message (nothing was sent), and
 * `RefusedError('bad_request')` when it says that the number can't receive messages.
 */
export type CodeSender = {
  /** `reference` names the sending at a provider that made a code of its own and checks it; without it `code` was sent. */
  send(message: CodeMessage): Promise<{ reference?: string }>
  /** Present where a provider makes and checks codes (Twilio Verify): whether `code` is the one behind `reference`. */
  check?(reference: string, code: string): Promise<boolean>
  /**
   * With `check`: a reference like any other, for which no code is right. Undefined where a code would now be sent that has none;
   * `wasLastChecked` says whether the last one that was sent had one (undefined: none was).
   */
  decoyReference?(wasLastChecked?: boolean): string | undefined
}

/** What every provider's "this number can't be reached" becomes. */
export function unreachableNumber(): RefusedError {
  return new RefusedError('bad_request', 'the number cannot receive messages')
}
