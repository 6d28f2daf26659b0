/** What stands before the modulus and exponent of a 2048-bit RSA key to make SPKI of PKCS#1, the form in which Telegram shows its keys. */
const spkiHeader = '30820122300d06092a864886f70d01010105000382010f00'

/** Adds a data centre's RSA key (PEM, SPKI or PKCS#1, 2048 bits) to those that the library trusts. The library's set is of the whole process. */
export async function trustServerKey(pem: string): Promise<void> {
  const base64 = pem.replace(/-----[^-]+-----|\s/g, '')
  const keyBytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const header = pem.includes('RSA PUBLIC KEY') ? spkiHeader : ''
  const spki = Uint8Array.from([...fromHex(header), ...keyBytes])
  const key = await crypto.subtle.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, [
    'verify',
  ])
  const { n, e } = await crypto.subtle.exportKey('jwk', key)
  if (n === undefined || e === undefined) throw new TypeError('not an RSA key')
  const [modulus, exponent] = [fromBase64Url(n), fromBase64Url(e)]
  const { _serverKeys, returnBigInt } = await import('./library.ts')
  const digest = await crypto.subtle.digest('SHA-1', Uint8Array.from([...tlBytes(modulus), ...tlBytes(exponent)]))
  const fingerprint = new DataView(digest).getBigInt64(12, true)
  _serverKeys.set(String(fingerprint), { n: returnBigInt(toBigInt(modulus)), e: Number(toBigInt(exponent)) })
}

/** A byte string of the TL language: its length in one byte, or 254 and three; padded to whole 32-bit words. */
function tlBytes(bytes: Uint8Array): number[] {
  const { length } = bytes
  const head = length < 254 ? [length] : [254, length & 255, (length >> 8) & 255, length >> 16]
  const padding = (4 - ((head.length + length) % 4)) % 4
  return [...head, ...bytes, ...new Array<number>(padding).fill(0)]
}

function fromHex(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
