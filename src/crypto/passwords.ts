import { hash, verify } from '#argon2'

/** Hashes and checks passwords (argon2id, PHC strings). Whatever the account, a check costs one hash. */
export type Passwords = {
  hash(password: string): Promise<string>
  /** Without a hash to compare with (no such account) it takes as long, and is false. */
  verify(password: string, phc: string | undefined): Promise<boolean>
}

export function createPasswords(): Passwords {
  let decoy: Promise<string> | undefined

  return {
    hash: (password) => hash(normalise(password)),
    async verify(password, phc) {
      if (phc) return verify(phc, normalise(password))
      decoy ??= hash(crypto.randomUUID())
      await verify(await decoy, normalise(password))
      return false
    },
  }
}

/** The same letters typed on another keyboard are the same password (NIST SP 800-63B, 3.1.1.2). */
const normalise = (password: string) => password.normalize('NFKC')
