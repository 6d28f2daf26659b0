import { hash, verify } from '#argon2'
import { argon2Parameters } from './argon2-parameters.ts'

/** Hashes and checks passwords (argon2id, PHC strings). Whatever the account, a check costs one hash. */
export type Passwords = {
  hash(password: string): Promise<string>
  /** Without a hash to compare with (no such account) it takes as long, and is false. */
  verify(password: string, phc: string | undefined): Promise<boolean>
}

export function createPasswords(): Passwords {
  return {
    hash: (password) => hash(normalise(password)),
    async verify(password, phc) {
      if (phc) return verify(phc, normalise(password))
      await verify(decoy, normalise(password))
      return false
    },
  }
}

/** Well formed, of today's cost, and no password's: its salt and hash are zeros. */
const { memoryCost, timeCost, parallelism } = argon2Parameters
const decoy = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** The same letters typed on another keyboard are the same password (NIST SP 800-63B, 3.1.1.2). */
const normalise = (password: string) => password.normalize('NFKC')
