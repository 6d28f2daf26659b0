import type { Services } from '../services.ts'
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
