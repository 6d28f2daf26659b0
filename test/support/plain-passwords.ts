import type { Passwords } from '../../src/crypto/passwords.ts'

/** For tests that sign up many people and aren't about passwords: hashing takes no time. */
export const plainPasswords: Passwords = {
  hash: async (password) => `plain ${password}`,
  verify: async (password, phc) => phc === `plain ${password}`,
}
