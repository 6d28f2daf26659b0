import { constantTimeEqual } from 'oslo/crypto'

/** Compares without telling, by its time, how much of a guess was right. */
export function sameSecret(one: string, other: string) {
  const encoder = new TextEncoder()
  return constantTimeEqual(encoder.encode(one), encoder.encode(other))
}
