import { randomBytes } from 'node:crypto'
import { decryptIge, encryptIge, sha256 } from './aes-ige.ts'

/** One MTProto 2.0 message between an authorization key's two owners. Ids and salts are unsigned 64-bit. */
export type Envelope = {
  readonly salt: bigint
  readonly sessionId: bigint
  readonly messageId: bigint
  readonly sequence: number
  readonly body: Buffer
}

/** Opens what a client sent. Throws when it wasn't made with this key. */
export function openPacket(packet: Buffer, authKey: Buffer): Envelope {
  const messageKey = packet.subarray(8, 24)
  const { key, iv } = deriveKey(authKey, messageKey, 0)
  const plain = decryptIge(packet.subarray(24), key, iv)
  if (!sha256(authKey.subarray(88, 120), plain).subarray(8, 24).equals(messageKey))
    throw new Error('a wrong message key')
  const length = plain.readInt32LE(28)
  const padding = plain.length - 32 - length
  if (length < 0 || padding < 12 || padding > 1024) throw new Error('a wrong message length')
  return {
    salt: plain.readBigUInt64LE(0),
    sessionId: plain.readBigUInt64LE(8),
    messageId: plain.readBigUInt64LE(16),
    sequence: plain.readInt32LE(24),
    body: plain.subarray(32, 32 + length),
  }
}

/** Seals what the server sends. */
export function sealPacket(
  { salt, sessionId, messageId, sequence, body }: Envelope,
  authKey: Buffer,
  keyId: bigint,
): Buffer {
  const header = Buffer.alloc(32)
  header.writeBigUInt64LE(salt, 0)
  header.writeBigUInt64LE(sessionId, 8)
  header.writeBigUInt64LE(messageId, 16)
  header.writeInt32LE(sequence, 24)
  header.writeInt32LE(body.length, 28)
  const padding = randomBytes(12 + ((16 - ((header.length + body.length + 12) % 16)) % 16))
  const plain = Buffer.concat([header, body, padding])
  const messageKey = sha256(authKey.subarray(96, 128), plain).subarray(8, 24)
  const { key, iv } = deriveKey(authKey, messageKey, 8)
  const id = Buffer.alloc(8)
  id.writeBigUInt64LE(keyId)
  return Buffer.concat([id, messageKey, encryptIge(plain, key, iv)])
}

/** `offset`: 0 from client to server, 8 from server to client. */
function deriveKey(authKey: Buffer, messageKey: Buffer, offset: number) {
  const a = sha256(messageKey, authKey.subarray(offset, offset + 36))
  const b = sha256(authKey.subarray(offset + 40, offset + 76), messageKey)
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
  }
}
