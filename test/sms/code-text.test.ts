import { describe, expect, test } from 'vitest'
import type { CodePurpose, SmsLanguage } from '../../src/sms/code-sender.ts'
import { codeText } from '../../src/sms/code-text.ts'

/** 3GPP TS 23.038, default alphabet: each of these takes one septet. */
const gsm7 = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** The extension table: an escape and the letter, two septets. */
const gsm7Extension = new Set('\f^{}\\[~]|€')

function segments(text: string): number {
  const septets = [...text].map((letter) => (gsm7.has(letter) ? 1 : gsm7Extension.has(letter) ? 2 : Number.NaN))
  const total = septets.reduce((sum, count) => sum + count, 0)
  if (Number.isNaN(total)) return text.length <= 70 ? 1 : Math.ceil(text.length / 67)
  return total <= 160 ? 1 : Math.ceil(total / 153)
}

const isGsm7 = (text: string) => [...text].every((letter) => gsm7.has(letter) || gsm7Extension.has(letter))

const languages: SmsLanguage[] = ['en', 'fr', 'es', 'fa']
const purposes: CodePurpose[] = ['signup', 'recovery']
const all = languages.flatMap((language) =>
  purposes.map((purpose) => ({ language, purpose, text: codeText({ code: '048213', purpose, language }) })),
)

describe('the text of a code', () => {
  test.each(all)('fits one segment for $purpose in $language', ({ text, language }) => {
    expect(segments(text)).toBe(1)
    expect(isGsm7(text)).toBe(language !== 'fa')
  })

  test.each(all)('starts with the code and names the service for $purpose in $language', ({ text }) => {
    expect(text.replace(/^\u2066/, '')).toMatch(/^048213\b/)
    expect(text).toContain('SMSWithoutBorders')
  })

  test('says what it is for', () => {
    expect(new Set(all.map(({ text }) => text)).size).toBe(8)
    expect(codeText({ code: '1', purpose: 'signup', language: 'en' })).toContain('sign-up')
    expect(codeText({ code: '1', purpose: 'recovery', language: 'en' })).toContain('recovery')
    expect(codeText({ code: '1', purpose: 'recovery', language: 'fr' })).toContain('récupération')
    expect(codeText({ code: '1', purpose: 'recovery', language: 'es' })).toContain('recuperar')
    expect(codeText({ code: '1', purpose: 'recovery', language: 'fa' })).toContain('بازیابی')
  })

  test('warns not to share it', () => {
    const warnings = { en: 'Do not share', fr: 'Ne le partagez', es: 'No la compartas', fa: 'به کسی ندهید' }
    for (const { text, language } of all) expect(text).toContain(warnings[language])
  })

  test('reads from the right in Persian, with everything Latin isolated', () => {
    for (const { text } of all.filter(({ language }) => language === 'fa')) {
      const outside = text.replaceAll(/\u2066[^\u2066\u2069]*\u2069/g, '')
      expect(outside).not.toMatch(/[A-Za-z0-9\u2066\u2069]/)
      expect(outside.match(/\p{Letter}/u)?.[0]).toMatch(/\p{Script=Arabic}/u)
    }
  })
})
