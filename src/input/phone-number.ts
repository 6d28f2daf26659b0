import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { plainText } from './plain-text.ts'

/** Numbers that cost the caller extra or reach no person: sending codes there only earns money for fraudsters. */
const refusedTypes: ReadonlySet<string> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'TOLL_FREE',
  'UAN',
  'VOICEMAIL',
  'PAGER',
])

/** A phone number that may be known, whatever today's numbering plans say of it. */
export type TypedNumber = {
  /** `+` and 7 to 15 digits: the one number that all its spellings mean. */
  readonly number: string
  /** What it may be stored as, the likeliest first: exactly the digits that were typed, and what they mean today. */
  readonly spellings: readonly string[]
}

/** Reads a number to look it up, or to hand it to who knows better. Undefined when it can't be a phone number at all. */
export function readPhoneNumber(typed: string): TypedNumber | undefined {
  const international = toInternational(typed)
  if (!international) return undefined
  const today = parse(international)
  const exact = /^\+[1-9]\d{6,14}$/.test(international) ? international : undefined
  const number = today?.isValid() ? today.number : exact
  if (!number) return undefined
  return { number, spellings: [...new Set([exact ?? number, number])] }
}

/** A number for a new account, in E.164; undefined when it isn't one that can receive a code. `countryCode`: as `readCountryCode` gives it. */
export function normalisePhoneNumber(typed: string, countryCode?: string): string | undefined {
  const number = countryCode ? readNational(typed, countryCode) : parse(toInternational(typed))
  if (!number?.isValid()) return undefined
  return refusedTypes.has(number.getType() ?? '') ? undefined : number.number
}

/**
 * Where a number in E.164 belongs, as an ISO 3166 code; ZZ: to no place. Those are satellites and universal numbers (+87x, +88x), and personal ones
 * (such as +4470), which forward calls to wherever their owner says: all dear to call, and no cheaper to text.
 */
export function countryOf(number: string): string {
  const parsed = parse(number)
  if (parsed?.getType() === 'PERSONAL_NUMBER') return 'ZZ'
  // A number that its country has given up belongs there all the same.
  return parsed?.country ?? parsed?.getPossibleCountries()[0] ?? 'ZZ'
}

/** Not the library's own extraction, which would take a number out of any text. */
const parse = (international: string | undefined): PhoneNumber | undefined =>
  international === undefined ? undefined : parsePhoneNumberFromString(international, { extract: false })

/** A number as it's dialled at home, or with its country's code all the same, which then must be this one. */
function readNational(typed: string, countryCode: string): PhoneNumber | undefined {
  const text = digitsOf(typed)
  const callingCode = callingCodeOf(countryCode)
  if (!text || !callingCode) return undefined
  const readings = /^(\+|00)/.test(text)
    ? [parse(toInternational(typed))]
    : readAtHome(text, callingCode, countryCode.slice(callingCode.length))
  return readings.find((number) => number?.isValid() && number.countryCallingCode === callingCode)
}

/** `areaCode`: what a list of countries has with the code, as in `+1242` and 359 1234. People type it again, or have a mobile number without. */
function readAtHome(text: string, callingCode: string, areaCode: string) {
  const national = parsePhoneNumberFromString(text, { defaultCallingCode: callingCode, extract: false })
  const dialled = text.replace(/^0/, '')
  const inArea = parse(`+${callingCode}${areaCode}${dialled}`)
  return dialled.startsWith(areaCode) ? [national, inArea] : [inArea, national]
}

/** No calling code begins another. The library throws for one that no country has. */
function callingCodeOf(countryCode: string): string | undefined {
  return [1, 2, 3]
    .map((length) => countryCode.slice(0, length))
    .find((code) => {
      try {
        parsePhoneNumberFromString('1234567', { defaultCallingCode: code })
        return true
      } catch {
        return false
      }
    })
}

/** `+` and digits. Without a sign or a prefix for calls abroad the country's code comes first. */
function toInternational(typed: string): string | undefined {
  const text = digitsOf(typed)
  if (!text) return undefined
  // From North America and Australia. Long enough, it can't be a number at home that begins alike, as some of Egypt and Brazil do.
  const abroad = /^(?:\+|00?11(?=\d{10})|00)*([1-9]\d*)$/.exec(text)
  return abroad?.[1] && `+${abroad[1]}`
}

/** Whatever else stands between digits sets them apart, but for what letters and dialling have. */
const written = /^(\+*)[^\p{L}\p{N}+,;*#@]*(\d(?:[^\p{L}\p{N}+,;*#@]*\d)*)[^\p{L}\p{N}+,;*#@]*(\+?)$/u

/** A number's digits, and the `+` before them if there is one; undefined where it has letters or signs that no number has. */
function digitsOf(typed: string): string | undefined {
  const text = withoutWrapping(plainText(typed).replaceAll('➕', '+'))
  // A table's thousands.
  const bare = text.replace(/,(?=\d{3}(?!\d))/g, '')
  // Right-to-left the sign comes last.
  const [, before, digits, after] = written.exec(bare) ?? []
  if (!digits || (before && after)) return undefined
  return `${before || after ? '+' : ''}${digits.replace(/\D/g, '')}`
}

/** Takes off what comes along with a number: a link's scheme and parameters (RFC 3966), a name or label before it, an extension after it. */
function withoutWrapping(text: string): string {
  const [, link] = /^(?:tel|sms|smsto|callto):(?:\/\/)?(.*)$/i.exec(text) ?? []
  if (link === undefined) return withoutLabel(text.replace(/^%2B/i, '+'))
  const [number = '', ...parameters] = link.replace(/%2B/gi, '+').replace(/%20/g, ' ').split(/[;?]/)
  const context = parameters.map((parameter) => /^phone-context=(\+.*)$/i.exec(parameter)?.[1]).find(Boolean) ?? ''
  return withoutLabel(number.trim().startsWith('+') ? number : `${context}${number}`)
}

const withoutLabel = (text: string) =>
  text
    .replace(/^[^\d+]+/, '')
    .replace(/ *\([^\d()]*\)$/, '')
    .replace(/ *(?:;ext=|extension|ext\.?|x|#)[ .:]*\d{1,7}$/i, '')
