import { sha1 } from 'oslo/crypto'
import { encodeHex } from 'oslo/encoding'
import { failureWord, ProviderError } from '../errors.ts'
import type { Services } from '../services.ts'

const timeoutMilliseconds = 3000

/**
 * Whether a breach list knows the password, asked by the first five digits of its SHA-1 (k-anonymity, as Have I Been Pwned's range API).
 * Fails open: a list that is down must not stop people from signing up.
 */
export async function isBreached(
  { settings, log }: Pick<Services, 'settings' | 'log'>,
  password: string,
): Promise<boolean> {
  if (!settings.breachedPasswords) return false
  const { url, authorization } = settings.breachedPasswords
  const hash = encodeHex(new Uint8Array(await sha1(new TextEncoder().encode(password)))).toUpperCase()
  try {
    const range = `${url.replace(/\/$/, '')}/${hash.slice(0, 5)}`
    const answer = await fetch(range, {
      headers: { 'Add-Padding': 'true', ...(authorization && { authorization }) },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    if (!answer.ok) throw new ProviderError(`status ${answer.status}`)
    return (await answer.text()).split(/\r?\n/).some((line) => isListed(line, hash.slice(5)))
  } catch (error) {
    log.warn('could not check for breached passwords', {
      error: error instanceof ProviderError ? error.message : failureWord(error),
    })
    return false
  }
}

/** Padding entries have a count of 0. */
function isListed(line: string, suffix: string): boolean {
  const [listed, times] = line.split(':')
  return listed?.toUpperCase() === suffix && Number(times) > 0
}
