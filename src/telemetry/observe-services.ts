import { countryOf } from '../input/phone-number.ts'
import type { Services } from '../services.ts'
import type { CodeSender } from '../sms/code-sender.ts'
import type { Observer } from './observer.ts'

/** Passwords whose hashing is watched: around the queue as `password`, within it as `hash`. */
export function observePasswords(
  passwords: Services['passwords'],
  { step }: Observer,
  kind: 'password' | 'hash',
): Services['passwords'] {
  return {
    ...passwords,
    hash: (password) => step({ kind }, () => passwords.hash(password)),
    verify: (password, phc) => step({ kind }, () => passwords.verify(password, phc)),
  }
}

/** A sender whose messages are watched, by provider and country. */
export const observeSender = (sender: CodeSender, provider: string, { step }: Observer): CodeSender => ({
  ...sender,
  send: (message) => step({ kind: 'sms', provider, country: countryOf(message.to) }, () => sender.send(message)),
})
