import { sha1 } from 'oslo/crypto'
import { encodeHex } from 'oslo/encoding'
import { failureWord, ProviderError, RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'

const minLength = 8
const maxLength = 256

let commonPasswords: Promise<ReadonlySet<string>> | undefined

/** Refuses a password that is too short, too long, commonly used or known from a breach. `field` is its wire name. */
export async function checkNewPassword(
  services: Pick<Services, 'settings' | 'log'>,
  password: string,
  field: string,
): Promise<void> {
  await checkPasswordRules(password, field)
  await refuseBreached(services, password, field)
}

/** As far as this server knows by itself: it costs nothing that limits count. */
export async function checkPasswordRules(password: string, field: string): Promise<void> {
  const letters = [...password].length
  if (letters < minLength || letters > maxLength)
    throw refuse(`a password must have ${minLength} to ${maxLength} characters`, field)
  commonPasswords ??= loadCommonPasswords()
  if ((await commonPasswords).has(asHashed(password).toLowerCase()))
    throw refuse('this password is one of the most common ones', field)
}

export async function refuseBreached(
  services: Pick<Services, 'settings' | 'log'>,
  password: string,
  field: string,
): Promise<void> {
  if (await isBreached(services, asHashed(password)))
    throw refuse('this password appears in a known data breach', field)
}

/** Letters of another width are the same password. */
const asHashed = (password: string) => password.normalize('NFKC')

const refuse = (why: string, field: string) => new RefusedError('bad_request', why, { fields: [field] })

/** About 50,000 words; loaded when the first password is set, since most processes of a cluster may never need it. */
async function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}

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
