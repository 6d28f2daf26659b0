/** One secret of the key ring: 32 random bytes under a name that stands in every ciphertext made with it. */
export type RingKey = { readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> }

/** The newest key seals; every key opens. Never empty. */
export type KeyRing = readonly [RingKey, ...RingKey[]]

const text = new TextEncoder()

/** Derives HKDF's input key once per ring key, so that each use costs one derivation. */
export const hkdfKey = (key: RingKey): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', key.bytes, 'HKDF', false, ['deriveKey'])

export const hkdfParameters = (salt: string, info: string): HkdfParams => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: text.encode(salt),
  info: text.encode(info),
})
