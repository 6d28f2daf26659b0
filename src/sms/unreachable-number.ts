import { RefusedError } from '../errors.ts'

/** What every provider's "this number can't be reached" becomes. */
export function unreachableNumber(): RefusedError {
  return new RefusedError('bad_request', 'the number cannot receive messages')
}
