import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { KeyRing, RingKey } from './key-ring.ts'

/** What is found by its keyed hash: a dump tells neither the value nor, without the key, whether a guess is right. */
export type Indexed = 'phone number' | 'platform account' | 'code' | 'decoy' | 'network'

/** Keyed hashes (HMAC-SHA256, base64url) of values that must be found but not read. */
export type BlindIndex = {
  /** The hash to store: under the newest key. */
  of(kind: Indexed, value: string): Promise<string>
  /** The hashes to look for: under every key of the ring, newest first. */
  all(kind: Indexed, value: string): Promise<string[]>
}

/** Hashes at once: WebCrypto's go by way of the threads in which passwords are hashed, and wait for these. */
export function createBlindIndex(ring: KeyRing): BlindIndex {
  const hmacKeys = new Map<Indexed, readonly KeyObject[]>()

  function keysFor(kind: Indexed) {
    const known = hmacKeys.get(kind)
    if (known) return known
    const keys = ring.map((key) => hmacKey(key, kind))
    hmacKeys.set(kind, keys)
    return keys
  }

  return {
    async of(kind, value) {
      const [newest] = keysFor(kind)
      if (!newest) throw new Error('the key ring is empty')
      return hash(newest, value)
    },
    all: async (kind, value) => keysFor(kind).map((key) => hash(key, value)),
  }
}

const hmacKey = ({ bytes }: RingKey, kind: Indexed) =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', bytes, '', `blind index ${kind}`, 32)))

const hash = (key: KeyObject, value: string) => createHmac('sha256', key).update(value).digest('base64url')
