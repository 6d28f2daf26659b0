import { base64url } from 'oslo/encoding'
import { hkdfKey, hkdfParameters, type KeyRing } from './key-ring.ts'

/** Where a ciphertext belongs. It opens nowhere else: moved to another row, column or user it is refused. */
export type SealContext = { table: string; column: string; row: string; user: string }

/** Keeps secrets at rest: AES-256-GCM under a key of the row's own (HKDF from the key ring). */
export type Seal = {
  /** Of the key ring, newest first. */
  readonly keyIds: readonly string[]
  seal(plain: string, context: SealContext): Promise<string>
  /** Throws `UnopenableError` when the ciphertext was altered or moved, or its key isn't in the ring. */
  open(sealed: string, context: SealContext): Promise<string>
}

export class UnopenableError extends Error {
  override readonly name = 'UnopenableError'
  /** The key that the ring lacks; absent where the ciphertext itself is at fault. */
  readonly missingKeyId?: string

  constructor(message: string, { missingKeyId, cause }: { missingKeyId?: string; cause?: unknown } = {}) {
    super(message, { cause })
    if (missingKeyId !== undefined) this.missingKeyId = missingKeyId
  }
}

/** The key that a value is sealed with; undefined when it isn't a sealed value. */
export const keyIdOf = (sealed: string): string | undefined => /^1\.([^.]+)\./.exec(sealed)?.[1]

const nonceBytes = 12

/** A sealed value reads `1.<key id>.<base64url of nonce and ciphertext>`; 1 is the version of this format. */
export function createSeal(ring: KeyRing): Seal {
  const keys = new Map(ring.map((key) => [key.id, hkdfKey(key)]))

  async function rowKey(keyId: string, { table, column, row }: SealContext) {
    const key = await keys.get(keyId)
    if (!key)
      throw new UnopenableError(`sealed with key ${keyId}, which isn't in the key ring`, { missingKeyId: keyId })
    const parameters = hkdfParameters(row, `seal ${table}.${column}`)
    return crypto.subtle.deriveKey(parameters, key, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  }

  return {
    keyIds: ring.map(({ id }) => id),

    async seal(plain, context) {
      const keyId = ring[0].id
      const iv = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const key = await rowKey(keyId, context)
      const parameters = { name: 'AES-GCM', iv, additionalData: additionalData(context, keyId) }
      const ciphertext = await crypto.subtle.encrypt(parameters, key, new TextEncoder().encode(plain))
      const bytes = new Uint8Array(nonceBytes + ciphertext.byteLength)
      bytes.set(iv)
      bytes.set(new Uint8Array(ciphertext), nonceBytes)
      return written(keyId, bytes)
    },

    async open(sealed, context) {
      const [version, keyId, body] = sealed.split('.')
      if (version !== '1' || !keyId || !body) throw new UnopenableError('not a sealed value')
      const key = await rowKey(keyId, context)
      try {
        const bytes = new Uint8Array(base64url.decode(body, { strict: false }))
        // Base64 has several spellings of one value.
        if (written(keyId, bytes) !== sealed) throw new Error('not as it was written')
        const iv = bytes.subarray(0, nonceBytes)
        const parameters = { name: 'AES-GCM', iv, additionalData: additionalData(context, keyId) }
        const plain = await crypto.subtle.decrypt(parameters, key, bytes.subarray(nonceBytes))
        return new TextDecoder().decode(plain)
      } catch (cause) {
        throw new UnopenableError(
          `${context.table}.${context.column} cannot be decrypted: altered, moved, or encrypted with another key`,
          {
            cause,
          },
        )
      }
    },
  }
}

const written = (keyId: string, bytes: Uint8Array) => `1.${keyId}.${base64url.encode(bytes, { includePadding: false })}`

const additionalData = ({ table, column, row, user }: SealContext, keyId: string) =>
  new TextEncoder().encode(JSON.stringify([table, column, row, user, keyId]))
