import { recordRefusal } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { type FoundUser, findUser } from './find-user.ts'
import { verifyPassword } from './verify-password.ts'

/** A signed-in user proves to be its owner once more before something that can't be undone. Wrong: 403, so that no client logs out. */
export async function confirmPassword(
  services: Pick<Services, 'db' | 'passwords' | 'settings' | 'index' | 'request'>,
  { userId, password }: { userId: string; password: string },
): Promise<FoundUser> {
  const user = await findUser(services, userId)
  if (!user) throw new RefusedError('unauthorized', 'the account is gone')
  return recordRefusal(services, { event: 'password_check', userId: user.id }, async () => {
    const owner = await verifyPassword(services, { user, subject: user.id, password })
    if (owner) return owner
    throw new RefusedError('forbidden', 'wrong password', { fields: ['password'] })
  })
}
