import type * as z from 'zod'
import { ProviderError, UnavailableError } from '../../errors.ts'

/** A successful answer, once it is what its endpoint promises. Throws `UnavailableError`: nothing may be built from anything else. */
export function readAnswer<T>(platform: string, promised: z.ZodType<T>, answer: unknown): T {
  const read = promised.safeParse(answer)
  if (!read.success) {
    // Of the fields that were expected: what else stood in the answer is nobody's to read.
    const locations = read.error.issues.map(({ path, code }) => `${code} at ${path.join('.') || 'its root'}`)
    throw new UnavailableError(platform, {
      cause: new ProviderError(`${platform} sent an unexpected response: ${[...new Set(locations)].join(', ')}`),
    })
  }
  return read.data
}

/** The same of a body. */
export function readJson<T>(platform: string, promised: z.ZodType<T>, body: string): T {
  return readAnswer(platform, promised, parse(platform, body))
}

// The parser's own error quotes the text, which may hold tokens, and goes to the log.
function parse(platform: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnavailableError(platform, { cause: new ProviderError(`${platform} did not respond with JSON`) })
  }
}
