import { hash, verify } from '#argon2'
import { argon2Parameters } from './argon2-parameters.ts'

/** Hashes and checks passwords (argon2id, PHC strings). Whatever the account, a check costs one hash. */
export type Passwords = {
  hash(password: string): Promise<string>
  /** Without a hash to compare with (no such account) it takes as long, and is false. */
  verify(password: string, phc: string | undefined): Promise<boolean>
  /** Takes as long as a check does these days, and costs nothing. Absent: a check takes no time. */
  imitate?(): Promise<void>
  /** Whether a hash is of less than today's cost: the password should be hashed anew when it's next at hand. Absent: none ever is. */
  isOutdated?(phc: string): boolean
}

export function createPasswords(): Required<Omit<Passwords, 'imitate'>> {
  return {
    isOutdated,
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

function isOutdated(phc: string): boolean {
  const [, memory = 0, time = 0, lanes = 0] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(phc) ?? []
  return Number(memory) < memoryCost || Number(time) < timeCost || Number(lanes) < parallelism
}

/** The same letters typed on another keyboard are the same password (NIST SP 800-63B, 3.1.1.2). */
const normalise = (password: string) => password.normalize('NFKC')
