import { expect, test } from 'vitest'
import { readCountryCode } from '../../src/input/country-code.ts'
import { countryOf, normalisePhoneNumber, readPhoneNumber } from '../../src/input/phone-number.ts'

test.each([
  '+237671234567',
  '237671234567',
  '00237671234567',
  '+00237671234567',
  '011 237 671 234 567',
  '0011 237 671 234 567',
  '\u202a+237 671 23 45 67\u202c',
  '(+237) 671234567',
  '+(237) 671-234-567',
  '+237.671.234.567',
  '+237/671/234/567',
  '+237\u2011671\u2011234\u2011567',
  '+237\u2212671\u2212234\u2212567',
  '+237\u00a0671\u202f234\u2009567',
  '+237\t671\n234\r\n567',
  '+237\u200b671\ufeff234\u2060567',
  '+২৩৭ ৬৭১ ২৩৪ ৫৬৭',
  '+٢٣٧ ٦٧١ ٢٣٤ ٥٦٧',
  '٠٠٢٣٧٦٧١٢٣٤٥٦٧',
  '۲۳۷۶۷۱۲۳۴۵۶۷',
  '+२३७ ६७१ २३४ ५६७',
  '＋２３７６７１２３４５６７',
  '﹢237671234567',
  '⁺237671234567',
  '➕237671234567',
  '++237671234567',
  '237671234567+',
  'tel:+237-671-234-567',
  'TEL:+237-671-234-567;ext=5',
  'tel:671-234-567;phone-context=+237',
  'tel:%2B237%20671234567',
  'sms:+237671234567?body=hello',
  '%2B237671234567',
  'Ada Lovelace: +237 671 234 567',
  'Tél. 00237 671 234 567',
  '\u{1f1e8}\u{1f1f2} +237 671 234 567',
  '+237 671 234 567 (mobile)',
  '"+237671234567"',
  '<+237671234567>',
  '+237671234567.',
  '237,671,234,567',
  '237٬671٬234٬567',
])('%j is one number', (typed) => {
  expect(readPhoneNumber(typed)?.number).toBe('+237671234567')
  expect(normalisePhoneNumber(typed)).toBe('+237671234567')
})

test.each([
  '',
  '+',
  '237',
  'call me',
  '+1 800 FLOWERS',
  '+237671234567 or +237671234568',
  '671234567 / 671234568',
  '*123#',
  '+237671*234567',
  '2.37671E+11',
  '+2376712345671234567',
  '0671234567',
  '011 9876 5432',
  '+237671234567,,5',
  '237671234567@example.org',
  '\u202e',
])('%j is no number at all', (typed) => {
  expect(readPhoneNumber(typed)).toBeUndefined()
  expect(normalisePhoneNumber(typed)).toBeUndefined()
})

test.each([
  ['as Benin had it until November 2024', '+22997123456', 'BJ'],
  ['as Mexico had it until 2019', '+5215512345678', 'MX'],
  ['of nobody, sold by Telegram', '+88808362472', 'ZZ'],
  ["of Telegram's test servers", '+9996611502', 'ZZ'],
])('a number %s can be looked up and sent to, but not signed up with', (_, number, country) => {
  expect(readPhoneNumber(` ${number} `)).toEqual({ number, spellings: [number] })
  expect(normalisePhoneNumber(number)).toBeUndefined()
  expect(countryOf(number)).toBe(country)
})

test('a zero that is only dialled at home is looked up with and without', () => {
  expect(readPhoneNumber('+44 (0)20 7946 0958')).toEqual({
    number: '+442079460958',
    spellings: ['+4402079460958', '+442079460958'],
  })
})

test('an extension is not part of a number', () => {
  for (const extension of [' ext. 5', ' x5', 'x5', ' #5', ' extension 5', ';ext=5'])
    expect(readPhoneNumber(`+1 202 555 0101${extension}`)?.number).toBe('+12025550101')
})

test.each([
  ['237', '671234567', '+237671234567'],
  ['+237', '671234567', '+237671234567'],
  ['00237', '671234567', '+237671234567'],
  ['(+237)', '671 234 567', '+237671234567'],
  ['＋২৩৭', '৬৭১২৩৪৫৬৭', '+237671234567'],
  ['\u202a+237\u202c', '671234567', '+237671234567'],
  ['CM', '671234567', '+237671234567'],
  ['Cameroon (+237)', '671234567', '+237671234567'],
  ['+237', '+237 671 234 567', '+237671234567'],
  ['+237', '00237671234567', '+237671234567'],
  ['+237', '237671234567', '+237671234567'],
  ['44', '07911 123456', '+447911123456'],
  ['+1242', '359 1234', '+12423591234'],
  ['+1-242', '359 1234', '+12423591234'],
  ['+1242', '(242) 359-1234', '+12423591234'],
  ['+1242', '+1 242 359 1234', '+12423591234'],
  ['+1', '(242) 359-1234', '+12423591234'],
  ['1809', '555 1234', '+18095551234'],
  ['+44-1481', '07781 123456', '+447781123456'],
  ['+44-1481', '01481 720000', '+441481720000'],
  ['+7 7', '701 123 4567', '+77011234567'],
  ['+5999', '511 2345', '+59995112345'],
])('country code %j and %j are %s', (countryCode, typed, number) => {
  expect(normalisePhoneNumber(typed, readCountryCode(countryCode))).toBe(number)
})

test.each(['+', '0', 'x', 'xx', '+237 or +33', '123456789', '12x'])('%j is no country code', (typed) => {
  expect(readCountryCode(typed)).toBeUndefined()
})

test.each([
  ['33', '+237671234567'],
  ['+1242', '+237671234567'],
  ['999', '671234567'],
  ['638128', '671234567'],
])('country code %s and %s do not belong together', (countryCode, typed) => {
  expect(normalisePhoneNumber(typed, readCountryCode(countryCode))).toBeUndefined()
})
