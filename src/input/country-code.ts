import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max'
import { plainText } from './plain-text.ts'

/**
 * A country's calling code as lists of countries have it (`237`, `+237`, `00237`, `Cameroon (+237)`, `CM`), in digits; with an area code where these
 * lists do that (`+1242`, `+44-1481`). Undefined when it can't be one.
 */
export function readCountryCode(typed: string): string | undefined {
  const text = plainText(typed)
  const country = text.toUpperCase()
  if (isSupportedCountry(country)) return getCountryCallingCode(country)
  const [, digits] = /^[^\d]*((?:\d[^\p{L}\p{N}]*)+)$/u.exec(text) ?? []
  const code = digits?.replace(/\D/g, '').replace(/^0{2}/, '')
  return code && /^[1-9]\d{0,6}$/.test(code) ? code : undefined
}
