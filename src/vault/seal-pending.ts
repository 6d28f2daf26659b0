import type { Pending, Platform } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import { sealGrant } from './grant-row.ts'

type Place = { id: string; userId: string }

const pendingPlace = ({ id, userId }: Place) => ({
  table: 'pending_authorizations',
  column: 'pending',
  row: id,
  user: userId,
})

/** What a platform needs at the next step; and what must be ended there if that step is tried and then nothing comes of it. */
export async function sealPending(
  services: Pick<Services, 'seal'>,
  platform: Platform,
  place: Place,
  pending: Pending,
) {
  const abandoned = platform.abandoned?.(pending)
  const [pendingSealed, grantSealed] = await Promise.all([
    services.seal.seal(JSON.stringify(pending), pendingPlace(place)),
    abandoned ? sealGrant(services, place, abandoned) : null,
  ])
  return { pendingSealed, grantSealed }
}

export async function openPending(
  { seal }: Pick<Services, 'seal'>,
  row: Place & { pendingSealed: string },
): Promise<Pending> {
  return JSON.parse(await seal.open(row.pendingSealed, pendingPlace(row)))
}
