import { UnavailableError } from '../errors.ts'
import type { CodeSender } from './code-sender.ts'

/**
 * Sends by the first provider and, when that is unavailable, at once by the second. A number that can't receive messages isn't tried elsewhere.
 * One of them at most may check codes itself (else a `TypeError`): whatever has a reference is then its own.
 */
export function fallbackSender(
  first: CodeSender,
  second: CodeSender,
  onFailure: (error: UnavailableError) => void,
): CodeSender {
  if (first.check && second.check) throw new TypeError('two senders that check codes: whose is a reference?')
  const { check, decoyReference } = first.check ? first : second
  return {
    async send(message) {
      try {
        return await first.send(message)
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error
        onFailure(error)
        return second.send(message)
      }
    },
    ...(check && { check }),
    ...(decoyReference && {
      decoyReference: (wasLastChecked = first.check !== undefined) => (wasLastChecked ? decoyReference() : undefined),
    }),
  }
}
