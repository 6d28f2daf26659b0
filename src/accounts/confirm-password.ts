import { recordRefusal } from '../audit/record-event.ts'
import { RefusedError } from '../errors.ts'
import { claimCount } from '../limits/claim-count.ts'
import { claimSessionPasswordTry } from '../limits/claim-password-try.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { checkPassword, settlePasswordTry } from './check-password.ts'
import { type FoundUser, findUser } from './find-user.ts'
import { subjectOfUserId } from './password-subject.ts'

/**
 * A signed-in user proves to be its owner once more before something that can't be undone. Wrong: 403, so that no client logs out. Each session has
 * tries of its own, which nobody else can use up: whatever strangers try, the owner may end sessions, grants and the account.
 */
export async function confirmPassword(
  services: Pick<Services, 'db' | 'seal' | 'passwords' | 'settings' | 'blindIndex' | 'request'>,
  { session, password }: { session: Session; password: string },
): Promise<FoundUser> {
  const user = await findUser(services, session.userId)
  if (!user) throw new RefusedError('unauthorized', 'the account no longer exists')
  return recordRefusal(services, { event: 'password_check', userId: user.id }, async () => {
    const { tries, block, ceiling } = services.settings.logins
    const use = { name: 'password checks', key: session.idHash }
    const retryAfterSeconds = await claimCount(services, use, { windowSeconds: block, hourly: tries, daily: ceiling })
    if (retryAfterSeconds > 0)
      throw new RefusedError('too_many_requests', 'too many wrong passwords', { retryAfterSeconds })
    const subject = await subjectOfUserId(services, user.id, user)
    const tried = await claimSessionPasswordTry(services, { subject, userId: user.id }, use)
    const confirmed = await checkPassword(services, { user, password, tried }, (current) =>
      settlePasswordTry(services, current, tried),
    )
    if (!confirmed) throw new RefusedError('forbidden', 'wrong password', { fields: ['password'] })
    return confirmed
  })
}
