import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'

const block = 16

/** AES-256 in infinite garble extension mode, which node:crypto lacks. `iv`: 32 bytes, the previous cipher and plain blocks. */
export function encryptIge(plain: Buffer, key: Buffer, iv: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  return chain(plain, iv.subarray(0, block), iv.subarray(block), (bytes) => cipher.update(bytes))
}

/** The inverse of `encryptIge`. */
export function decryptIge(encrypted: Buffer, key: Buffer, iv: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  return chain(encrypted, iv.subarray(block), iv.subarray(0, block), (bytes) => decipher.update(bytes))
}

/** Both directions are one recurrence: out = f(in xor previous out) xor previous in. */
function chain(input: Buffer, before: Buffer, after: Buffer, transform: (bytes: Buffer) => Buffer): Buffer {
  if (input.length === 0 || input.length % block !== 0) throw new RangeError('not whole AES blocks')
  const output = Buffer.alloc(input.length)
  let previousOut = before
  let previousIn = after
  for (let at = 0; at < input.length; at += block) {
    const taken = input.subarray(at, at + block)
    const made = xor(transform(xor(taken, previousOut)), previousIn)
    made.copy(output, at)
    previousOut = made
    previousIn = taken
  }
  return output
}

/** Bytewise exclusive or of equally long buffers. */
export function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, at) => byte ^ (right[at] ?? 0)))
}

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
