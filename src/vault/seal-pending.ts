import { sealContexts } from '../crypto/seal-contexts.ts'
import type { Pending, Platform } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import { sealGrant } from './grant-row.ts'

type PendingKey = { id: string; userId: string }

/** What a platform needs at the next step; and what must be ended there if that step is tried and then nothing comes of it. */
export async function sealPending(
  services: Pick<Services, 'seal'>,
  platform: Platform,
  key: PendingKey,
  pending: Pending,
) {
  const abandoned = platform.abandoned?.(pending)
  const [pendingSealed, grantSealed] = await Promise.all([
    services.seal.seal(JSON.stringify(pending), sealContexts.pendingAuthorization(key)),
    abandoned ? sealGrant(services, key, abandoned) : null,
  ])
  return { pendingSealed, grantSealed }
}

export async function openPending(
  { seal }: Pick<Services, 'seal'>,
  row: PendingKey & { pendingSealed: string },
): Promise<Pending> {
  return JSON.parse(await seal.open(row.pendingSealed, sealContexts.pendingAuthorization(row)))
}
