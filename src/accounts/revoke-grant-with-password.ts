import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { findPlatform, type PlatformPath } from '../vault/find-platform.ts'
import { revokeGrant } from '../vault/revoke-grant.ts'
import { confirmPassword } from './confirm-password.ts'

type Revocation = PlatformPath & { session: Session; password: string }

/** Takes a platform out of the wallet of whoever knows the password; the grant is then ended at the platform. */
export async function revokeGrantWithPassword(
  services: Services,
  { session, password, ...path }: Revocation,
): Promise<void> {
  const { name } = findPlatform(services, path)
  await confirmPassword(services, { session, password })
  await revokeGrant(services, { userId: session.userId, platform: name })
}
