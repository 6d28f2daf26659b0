import { claimPasswordTry, clearPasswordTries } from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import type { FoundUser } from './find-user.ts'

type Needed = Pick<Services, 'db' | 'passwords' | 'settings'>

/**
 * Whether a password is the user's. Tries are counted by phone number, wherever they are made; without a user it takes as long and counts
 * for `subject`. Refuses with the seconds left while blocked.
 */
export async function verifyPassword(
  services: Needed,
  { user, subject, password }: { user: FoundUser | undefined; subject: string; password: string },
): Promise<boolean> {
  await claimPasswordTry(services, subject)
  const right = await services.passwords.verify(password, user?.passwordHash)
  if (right) await clearPasswordTries(services, subject)
  return right
}
