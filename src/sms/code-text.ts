import type { CodeMessage, CodePurpose, SmsLanguage } from './code-sender.ts'

/**
 * The text of a code's SMS. The code stands first, so that a locked screen shows it. Always one segment: en, fr and es use only GSM-7
 * letters (which have é, è, à and ñ, but none of ç, ê, á, í, ó, ú: hence Spanish `clave`, not `código`), fa has 70 UTF-16 units.
 */
export function codeText({ code, purpose, language }: Omit<CodeMessage, 'to' | 'sentAt'>): string {
  return texts[language][purpose](code)
}

/** Latin inside Persian: isolated (LRI … PDI), or its neighbours would change places with it. */
const isolate = (latin: string) => `\u2066${latin}\u2069`

const texts: Record<SmsLanguage, Record<CodePurpose, (code: string) => string>> = {
  en: {
    signup: (code) =>
      `${code} is your SMSWithoutBorders sign-up code. Do not share it with anyone. Not you? Ignore this message.`,
    recovery: (code) =>
      `${code} is your SMSWithoutBorders account recovery code. Do not share it with anyone. Not you? Ignore this message.`,
  },
  fr: {
    signup: (code) =>
      `${code} est votre code d'inscription à SMSWithoutBorders. Ne le partagez avec personne. Pas vous ? Ignorez ce message.`,
    recovery: (code) =>
      `${code} est votre code de récupération de compte SMSWithoutBorders. Ne le partagez avec personne. Pas vous ? Ignorez ce message.`,
  },
  es: {
    signup: (code) =>
      `${code} es tu clave de registro en SMSWithoutBorders. No la compartas con nadie. Si no la pediste, ignora este mensaje.`,
    recovery: (code) =>
      `${code} es tu clave para recuperar tu cuenta de SMSWithoutBorders. No la compartas con nadie. Si no la pediste, ignora este mensaje.`,
  },
  fa: {
    signup: (code) => `${isolate(code)} کد ثبت‌نام ${isolate('SMSWithoutBorders')} است. آن را به کسی ندهید.`,
    recovery: (code) => `${isolate(code)} کد بازیابی حساب ${isolate('SMSWithoutBorders')} است. آن را به کسی ندهید.`,
  },
}
