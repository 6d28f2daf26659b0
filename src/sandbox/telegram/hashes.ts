import { createHash } from 'node:crypto'

export function sha1(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha1', parts)
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', parts)
}

function hash(name: string, parts: readonly Uint8Array[]): Buffer {
  const digest = createHash(name)
  for (const part of parts) digest.update(part)
  return digest.digest()
}
