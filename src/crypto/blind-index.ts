import { base64url } from 'oslo/encoding'
import { hkdfKey, hkdfParameters, type KeyRing } from './key-ring.ts'

/** What is found by its keyed hash: a dump tells neither the value nor, without the key, whether a guess is right. */
export type Indexed = 'phone number' | 'platform account' | 'code' | 'decoy' | 'network'

/** Keyed hashes (HMAC-SHA256, base64url) of values that must be found but not read. */
export type BlindIndex = {
  /** The hash to store: under the newest key. */
  of(kind: Indexed, value: string): Promise<string>
  /** The hashes to look for: under every key of the ring, newest first. */
  all(kind: Indexed, value: string): Promise<string[]>
}

export function createBlindIndex(ring: KeyRing): BlindIndex {
  const hmacKeys = new Map<Indexed, Promise<CryptoKey>[]>()

  function keysFor(kind: Indexed) {
    const known = hmacKeys.get(kind)
    if (known) return known
    const keys = ring.map(async (key) => {
      const parameters = hkdfParameters('', `blind index ${kind}`)
      const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
      return crypto.subtle.deriveKey(parameters, await hkdfKey(key), hmac, false, ['sign'])
    })
    hmacKeys.set(kind, keys)
    return keys
  }

  async function hash(key: Promise<CryptoKey> | undefined, value: string) {
    if (!key) throw new Error('the key ring is empty')
    const signature = await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(value))
    return base64url.encode(new Uint8Array(signature), { includePadding: false })
  }

  return {
    of: (kind, value) => hash(keysFor(kind)[0], value),
    all: (kind, value) => Promise.all(keysFor(kind).map((key) => hash(key, value))),
  }
}
