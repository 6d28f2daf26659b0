import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** Numbers that cost the caller extra or reach no person: sending codes there only earns money for fraudsters. */
const refusedTypes: ReadonlySet<string> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'TOLL_FREE',
  'UAN',
  'VOICEMAIL',
  'PAGER',
])

/** A phone number as people type it, in E.164; undefined when it isn't one that can receive a code. */
export function normalisePhoneNumber(typed: string, countryCode?: string): string | undefined {
  const number = parse(typed, countryCode)
  if (!number?.isValid()) return undefined
  return refusedTypes.has(number.getType() ?? '') ? undefined : number.number
}

/** Where a number in E.164 belongs, as an ISO 3166 code; ZZ: to no one country (satellites, universal numbers). */
export const countryOf = (number: string): string => parsePhoneNumberFromString(number)?.country ?? 'ZZ'

function parse(typed: string, countryCode?: string): PhoneNumber | undefined {
  const international = typed.trim().replace(/^(00|\u{0660}\u{0660}|\u{06f0}\u{06f0})/u, '+')
  if (!countryCode)
    return parsePhoneNumberFromString(/^[+\uff0b]/.test(international) ? international : `+${international}`)
  const callingCode = latinDigits(countryCode).replace(/\D/g, '')
  const number = parseNational(international, callingCode)
  return number?.countryCallingCode === callingCode ? number : undefined
}

/** The library throws for a calling code that no country has. */
function parseNational(typed: string, defaultCallingCode: string): PhoneNumber | undefined {
  try {
    return parsePhoneNumberFromString(typed, { defaultCallingCode })
  } catch {
    return undefined
  }
}

const latinDigits = (typed: string) =>
  typed
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
