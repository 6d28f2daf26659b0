import { hash } from 'node:crypto'

/** SHA-256 in base64url, at once: WebCrypto's own goes by way of another thread, which costs a signed-in read a tenth of its time. */
export const sha256 = (text: string): string => hash('sha256', text, 'base64url')
