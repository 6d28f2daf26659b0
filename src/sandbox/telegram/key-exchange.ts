import { randomBytes } from 'node:crypto'
import { BinaryReader } from 'telegram/extensions/BinaryReader.js'
import { generateKeyDataFromNonce, readBigIntFromBuffer, returnBigInt, toSignedLittleBuffer } from 'telegram/Helpers.js'
import { Api } from 'telegram/tl/index.js'
import { decryptIge, encryptIge, sha1, sha256, xor } from './aes-ige.ts'
import { generator, isSafePublicValue, modularPower, prime, toBytes, toNumber } from './modular-power.ts'
import type { ServerKey } from './server-key.ts'

/** A freshly agreed authorization key and its first salt. */
export type AgreedKey = { readonly key: Buffer; readonly salt: bigint }

type Nonces = { readonly nonce: Api.int128; readonly serverNonce: Api.int128 }

/** 10007 and 2^31 - 1: quickly found by every client, where smaller ones make the library's random search give up now and then. */
const p = Buffer.from('2717', 'hex')
const q = Buffer.from('7fffffff', 'hex')
const pq = Buffer.from('138b7fffd8e9', 'hex')

/**
 * The server's side of Telegram's Diffie-Hellman exchange over one connection. The returned function takes each
 * unencrypted request in turn; it throws on anything that a real data centre answers with a transport error.
 */
export function startKeyExchange(serverKey: ServerKey, keep: (agreed: AgreedKey) => void) {
  const secret = toNumber(randomBytes(32))
  let nonces: Nonces | undefined
  let newNonce: Buffer | undefined
  let cipher: { readonly key: Buffer; readonly iv: Buffer } | undefined

  return async function answer(request: unknown): Promise<{ getBytes(): Buffer }> {
    if (request instanceof Api.ReqPqMulti || request instanceof Api.ReqPq) {
      nonces = { nonce: request.nonce, serverNonce: readBigIntFromBuffer(randomBytes(16), true, true) }
      return new Api.ResPQ({ ...nonces, pq, serverPublicKeyFingerprints: [returnBigInt(serverKey.fingerprint)] })
    }
    if (nonces === undefined) throw new Error('a key exchange begins with req_pq')
    if (request instanceof Api.ReqDHParams) {
      checkNonces(request, nonces)
      if (!request.p.equals(p) || !request.q.equals(q)) throw new Error('wrong factors')
      const inner = new BinaryReader(removeRsaPadding(serverKey.decrypt(request.encryptedData))).tgReadObject()
      if (!(inner instanceof Api.PQInnerData || inner instanceof Api.PQInnerDataDc))
        throw new Error('not p_q_inner_data')
      checkNonces(inner, nonces)
      newNonce = toSignedLittleBuffer(inner.newNonce, 32)
      cipher = await generateKeyDataFromNonce(nonces.serverNonce, inner.newNonce)
      const answer = new Api.ServerDHInnerData({
        ...nonces,
        g: generator,
        dhPrime: toBytes(prime),
        gA: toBytes(modularPower(BigInt(generator), secret, prime)),
        serverTime: Math.floor(Date.now() / 1000),
      }).getBytes()
      const hashed = Buffer.concat([sha1(answer), answer])
      const padded = Buffer.concat([hashed, randomBytes((16 - (hashed.length % 16)) % 16)])
      return new Api.ServerDHParamsOk({ ...nonces, encryptedAnswer: encryptIge(padded, cipher.key, cipher.iv) })
    }
    if (!(request instanceof Api.SetClientDHParams) || newNonce === undefined || cipher === undefined) {
      throw new Error('an unexpected step of the key exchange')
    }
    checkNonces(request, nonces)
    const key = toBytes(modularPower(readPublicValue(request.encryptedData, cipher, nonces), secret, prime))
    const salt = xor(newNonce.subarray(0, 8), toSignedLittleBuffer(nonces.serverNonce, 16).subarray(0, 8))
    keep({ key, salt: salt.readBigUInt64LE(0) })
    const confirmed = sha1(newNonce, Buffer.from([1]), sha1(key).subarray(0, 8)).subarray(4, 20)
    return new Api.DhGenOk({ ...nonces, newNonceHash1: readBigIntFromBuffer(confirmed, true, true) })
  }
}

function checkNonces(received: Nonces, expected: Nonces) {
  if (received.nonce.neq(expected.nonce) || received.serverNonce.neq(expected.serverNonce))
    throw new Error('a wrong nonce')
}

/** RSA_PAD: a temporary key masked by the hash of the rest, which is AES-IGE over the reversed 192 bytes and their hash. */
function removeRsaPadding(bytes: Buffer): Buffer {
  const encrypted = bytes.subarray(32)
  const temporaryKey = xor(bytes.subarray(0, 32), sha256(encrypted))
  const opened = decryptIge(encrypted, temporaryKey, Buffer.alloc(32))
  const padded = Buffer.from(opened.subarray(0, 192)).reverse()
  if (!sha256(temporaryKey, padded).equals(opened.subarray(192))) throw new Error('wrong RSA padding')
  return padded
}

/** The client's g_b. */
function readPublicValue(
  encrypted: Buffer,
  cipher: { readonly key: Buffer; readonly iv: Buffer },
  nonces: Nonces,
): bigint {
  const opened = decryptIge(encrypted, cipher.key, cipher.iv)
  const reader = new BinaryReader(opened.subarray(20))
  const inner = reader.tgReadObject()
  if (!(inner instanceof Api.ClientDHInnerData)) throw new Error('not client_DH_inner_data')
  checkNonces(inner, nonces)
  if (!sha1(opened.subarray(20, 20 + reader.tellPosition())).equals(opened.subarray(0, 20)))
    throw new Error('a wrong hash')
  const publicValue = toNumber(inner.gB)
  if (!isSafePublicValue(publicValue)) throw new Error('an unsafe public value')
  return publicValue
}
