import { randomBytes } from 'node:crypto'

export function randomToken(bytes = 24) {
  return randomBytes(bytes).toString('base64url')
}
