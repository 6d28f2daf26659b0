import { returnBigInt } from 'telegram/Helpers.js'
import { Api } from 'telegram/tl/index.js'
import { RpcRefusal } from './rpc-refusal.ts'
import type { CodeWay } from './well-known-accounts.ts'

/** How Telegram says which way a code went. */
export function typeOf(way: CodeWay, code: string): Api.auth.TypeSentCodeType {
  const { length } = code
  switch (way) {
    case 'app':
      return new Api.auth.SentCodeTypeApp({ length })
    case 'sms':
      return new Api.auth.SentCodeTypeSms({ length })
    case 'smsWord':
      return new Api.auth.SentCodeTypeSmsWord({ beginning: code.slice(0, 1) })
    case 'call':
      return new Api.auth.SentCodeTypeCall({ length })
    case 'flashCall':
      return new Api.auth.SentCodeTypeFlashCall({ pattern: '*' })
    case 'missedCall':
      return new Api.auth.SentCodeTypeMissedCall({ prefix: '+1202', length })
    case 'email':
      return new Api.auth.SentCodeTypeEmailCode({ emailPattern: 'a***@example.com', length })
    case 'setUpEmail':
      return new Api.auth.SentCodeTypeSetUpEmailRequired({})
    case 'fragment':
      return new Api.auth.SentCodeTypeFragmentSms({ url: 'https://fragment.com/number/88808362472/code', length })
    case 'firebase':
      return new Api.auth.SentCodeTypeFirebaseSms({ nonce: Buffer.from('nonce'), length })
    case 'payment':
      throw new RpcRefusal(500, 'INTERNAL')
  }
}

/** What may be asked for with auth.resendCode; Telegram names no type for the other ways. */
export function nextTypeOf(way: CodeWay): Api.auth.TypeCodeType {
  switch (way) {
    case 'call':
      return new Api.auth.CodeTypeCall()
    case 'flashCall':
      return new Api.auth.CodeTypeFlashCall()
    case 'missedCall':
      return new Api.auth.CodeTypeMissedCall()
    case 'fragment':
      return new Api.auth.CodeTypeFragmentSms()
    default:
      return new Api.auth.CodeTypeSms()
  }
}

export const paymentRequired = (phoneCodeHash: string) =>
  new Api.auth.SentCodePaymentRequired({
    storeProduct: 'sandbox',
    phoneCodeHash,
    supportEmailAddress: 'sandbox@example.com',
    supportEmailSubject: 'sandbox',
    premiumDays: 0,
    currency: 'EUR',
    amount: returnBigInt(100),
  })
