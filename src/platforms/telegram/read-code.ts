import { RefusedError } from '../../errors.ts'
import { readCode } from '../../input/code.ts'

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
