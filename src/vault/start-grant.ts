import { and, eq, sql } from 'drizzle-orm'
import { RefusedError, UnavailableError } from '../errors.ts'
import { claimPlatformCode, claimStart, returnPlatformCode } from '../limits/claim-start.ts'
import type { CodeChannel, Pending, Platform, Started, StartRequest } from '../platforms/platform.ts'
import { grants, pendingAuthorizations } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { callPlatform } from './call-platform.ts'
import { findPlatform, type PlatformPath } from './find-platform.ts'
import { openGrant } from './grant-row.ts'
import { revokeGrant } from './revoke-grant.ts'
import { sealPending } from './seal-pending.ts'

type StartGrantInput = PlatformPath & { session: Session } & Omit<StartRequest, 'signal'>

/** `url`: where the user gives the permission. `codeSent`: the platform sent a code. `alreadyLive`: there's nothing to do. */
export type StartedGrant =
  | { url: string; codeVerifier?: string }
  | { codeSent: true; sentTo: CodeChannel }
  | { alreadyLive: true }

/** Begins a connection to a platform; a second start takes the place of the first. */
export async function startGrant(
  services: Services,
  { session, platform: name, protocol, ...request }: StartGrantInput,
): Promise<StartedGrant> {
  const platform = findPlatform(services, { platform: name, protocol })
  await claimStart(services, session)
  if (await hasLiveGrant(services, session.userId, platform)) return { alreadyLive: true }
  const { pending, ...started } = await startWithinLimits(services, session, platform, request)
  await keepPending(services, session, platform, pending)
  return started
}

/** Where a platform sends codes to a number, as often as limits allow. */
async function startWithinLimits(
  services: Services,
  { userId }: Session,
  platform: Platform,
  request: Omit<StartRequest, 'signal'>,
): Promise<Started> {
  const start = () =>
    callPlatform(services, { platform: platform.name, call: 'start' }, (call) =>
      platform.start({ ...request, ...call }),
    )
  const { phoneNumber } = request
  if (!platform.sendsCodes || !phoneNumber) return start()
  const claim = await claimPlatformCode(services, { userId, phoneNumber })
  try {
    return await start()
  } catch (error) {
    if (error instanceof UnavailableError) await returnPlatformCode(services, claim)
    throw error
  }
}

async function keepPending(services: Services, session: Session, platform: Platform, pending: Pending): Promise<void> {
  const { db, settings } = services
  const key = { id: crypto.randomUUID(), userId: session.userId }
  const kept = {
    ...key,
    protocol: platform.protocol,
    ...(await sealPending(services, platform, key, pending)),
    next: 'code',
    accountIndex: null,
    tried: false,
    requestId: null,
    heldUntil: null,
    expiresAt: sql`now() + make_interval(secs => ${settings.pendingLifetime})`,
  }
  await db.transaction(async (tx) => {
    // The platform took its time: the session may be over by now. The user's row is locked first, as by what ends sessions.
    const live = await tx.execute(sql`
      select from sessions join users on users.id = user_id and users.session_epoch = coalesce(epoch, 0)
      where id_hash = ${session.idHash} for share of users for key share of sessions`)
    if (live.length === 0) throw new RefusedError('unauthorized', 'the session has ended')
    await tx
      .insert(pendingAuthorizations)
      .values({ sessionIdHash: session.idHash, platform: platform.name, ...kept })
      .onConflictDoUpdate({ target: [pendingAuthorizations.sessionIdHash, pendingAuthorizations.platform], set: kept })
  })
}

/** A grant that the platform says is dead is revoked as any other, so that the user can connect again; and ended, should it live after all. */
async function hasLiveGrant(services: Services, userId: string, platform: Platform): Promise<boolean> {
  const { db } = services
  if (!platform.isLive) return false
  const [row] = await db
    .select()
    .from(grants)
    .where(and(eq(grants.userId, userId), eq(grants.platform, platform.name)))
  if (!row) return false
  const grant = await openGrant(services, row)
  const liveCheck = { platform: platform.name, call: 'isLive' } as const
  if (await callPlatform(services, liveCheck, async (call) => platform.isLive?.(grant, call))) return true
  await revokeGrant(services, { userId, platform: platform.name })
  return false
}
