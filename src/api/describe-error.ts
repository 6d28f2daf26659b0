import { DrizzleQueryError } from 'drizzle-orm/errors'
import { UnopenableError } from '../crypto/seal.ts'
import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'

/** Their messages are written here, and hold no values. */
const ownErrors = [ProviderError, RefusedError, UnavailableError, UnopenableError]

/**
 * An error for the log. Query parameters, Postgres's details and addresses hold people's values or secrets: they stay out. So do the messages of
 * what a provider caused, unless they are a `ProviderError`'s: libraries quote requests and answers in them.
 */
export function describeError(error: unknown, { isForeign = false } = {}): Record<string, unknown> {
  if (error instanceof DrizzleQueryError)
    return { ...describeError(error.cause), query: error.query.replace(/\s+/g, ' ').slice(0, 200) }
  if (!(error instanceof Error)) return { message: typeof error }
  const isOurs = ownErrors.some((type) => error instanceof type)
  const code =
    'code' in error && typeof error.code === 'string' && /^\w{1,60}$/.test(error.code) ? error.code : undefined
  const causedByProvider = isForeign || error instanceof UnavailableError || error instanceof ProviderError
  return {
    name: error.name,
    ...(isOurs && { message: error.message }),
    ...(!isOurs && !isForeign && { message: withoutValues(error.message, code) }),
    ...(code && { code }),
    stack: framesOf(error),
    ...(error.cause instanceof Error && { cause: describeError(error.cause, { isForeign: causedByProvider }) }),
  }
}

/** Why something that this server depends on is unavailable. */
export const describeCause = ({ cause }: UnavailableError) => describeError(cause, { isForeign: true })

/** Without what a message quotes: the value that Postgres couldn't read, the text that was no JSON, all of an address but its host. */
function withoutValues(message: string, code: string | undefined): string {
  const isData = code !== undefined && /^22[0-9A-Z]{3}$/.test(code)
  const kept = isData ? message.split(/: |"/)[0] : message
  return (kept ?? '')
    .replace(/^.*is not valid JSON$/s, 'not valid JSON')
    .replace(/\n.*$/s, '')
    .replace(/\b([a-z][a-z0-9+.-]*):\/\/[^\s"'<>]*/gi, (address) => hostOnly(address))
}

function hostOnly(address: string): string {
  const url = URL.parse(address)
  return url?.host ? `${url.protocol}//${url.host}` : '[address]'
}

/** Where it was thrown. The lines before these are the message, which may have several. */
const framesOf = ({ stack = '' }: Error) =>
  stack
    .split('\n')
    .filter((line) => /^\s+at .*(:\d+:\d+\)?|\((native|<anonymous>)\))$/.test(line))
    .slice(0, 7)
    .map((line) => line.trim())
