import type { Context } from 'hono'
import { RefusedError } from '../../errors.ts'

const maxBodyBytes = 64 * 1024
/** Of one that is too large, so much is read to its end: the next request on the connection comes after it. */
const maxDiscardedBytes = 2 * 1024 * 1024

/** Reads a JSON body for the validator: at most 64 KiB, UTF-8, no NUL and no lone surrogate in any string. An empty one is `{}`. */
export async function readJson(c: Context): Promise<void> {
  const chunks = await readBytes(c.req.raw)
  if (chunks.length > 0) checkType(c)
  const text = decode(chunks) || '{}'
  checkText(text)
  // Hono's cache holds promises, whatever its type says.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) })
}

/** Parameters are ignored, but for a charset that isn't UTF-8 or a part of it. */
function checkType(c: Context): void {
  const [type = '', ...parameters] = (c.req.header('Content-Type') ?? '').split(';')
  const isJson = /^application\/([\w.-]+\+)?json$/i.test(type.trim()) && parameters.every(isReadable)
  if (!isJson || c.req.header('Content-Encoding')) {
    throw new RefusedError('unsupported_media_type', 'the body must be JSON in UTF-8')
  }
}

function isReadable(parameter: string): boolean {
  const [, charset] = /^\s*charset\s*=\s*(.*?)\s*$/i.exec(parameter) ?? []
  return charset === undefined || /^(["']?)(utf-?8|(us-)?ascii)?\1$/i.test(charset)
}

function checkText(text: string): void {
  // Only an escape can bring them in: bare, a NUL is no JSON and a surrogate no UTF-8.
  if (text.includes('\\u') && hasBadText(parse(text))) {
    throw new RefusedError('bad_request', 'a string contains a NUL or a lone surrogate')
  }
}

async function readBytes(request: Request): Promise<Uint8Array[]> {
  const tooLarge = () => new RefusedError('too_large', 'the body exceeds 64 KiB')
  // Before the body is touched: who takes requests can then read on to the next one.
  if (Number(request.headers.get('Content-Length')) > maxBodyBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  if (!request.body) return chunks
  let size = 0
  for (const reader = request.body.getReader(); ; ) {
    const { done, value } = await reader.read().catch(bodyAborted)
    if (done && size > maxBodyBytes) throw tooLarge()
    if (done) return chunks
    size += value.byteLength
    if (size > maxDiscardedBytes) {
      await reader.cancel()
      throw tooLarge()
    }
    if (value.byteLength > 0 && size <= maxBodyBytes) chunks.push(value)
  }
}

function bodyAborted(): never {
  throw new RefusedError('bad_request', 'the request body was incomplete')
}

function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
  } catch {
    throw new RefusedError('bad_request', 'the body is not UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RefusedError('bad_request', 'malformed JSON')
  }
}

/** Without recursion: a body may nest as deep as it is long. */
function hasBadText(body: unknown): boolean {
  const rest = [body]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) return true
    if (typeof value !== 'object' || value === null) continue
    for (const [name, inner] of Object.entries(value)) rest.push(name, inner)
  }
  return false
}
