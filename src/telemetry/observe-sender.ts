import { countryOf } from '../input/phone-number.ts'
import type { CodeSender } from '../sms/code-sender.ts'
import type { Observer } from './observer.ts'

/** A sender whose messages are watched, by provider and country. */
export const observeSender = (sender: CodeSender, provider: string, { step }: Observer): CodeSender => ({
  ...sender,
  send: (message) => step({ kind: 'sms', provider, country: countryOf(message.to) }, () => sender.send(message)),
})
