import { constants, createPublicKey, generateKeyPair, type KeyObject, privateDecrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { serializeBytes } from 'telegram/tl/index.js'
import { sha1 } from './aes-ige.ts'

/** The RSA key by which clients know a data centre. */
export type ServerKey = {
  /** PEM (SPKI), for the client's configuration. */
  readonly publicKey: string
  /** The last 8 bytes of the SHA-1 of n and e as TL byte strings, little-endian and signed. */
  readonly fingerprint: bigint
  /** Raw RSA, 256 bytes in and out: the padding is Telegram's own. */
  readonly decrypt: (bytes: Buffer) => Buffer
}

export async function makeServerKey(): Promise<ServerKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: fingerprintOf(publicKey),
    decrypt: (bytes) => privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, bytes),
  }
}

function fingerprintOf(publicKey: KeyObject): bigint {
  const { n = '', e = '' } = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
    format: 'jwk',
  })
  const bytes = [n, e].map((part) => serializeBytes(Buffer.from(part, 'base64url')))
  return sha1(...bytes).readBigInt64LE(12)
}
