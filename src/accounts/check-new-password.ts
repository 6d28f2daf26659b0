import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { isBreached } from './is-breached.ts'

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
