import { and, eq, exists, gt, isNull, lt, notExists, or, sql } from 'drizzle-orm'
import { grants, pendingAuthorizations, revocations } from '../db/schema.ts'
import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import type { Finished, FinishRequest, Platform, Reply } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { askPlatform } from './ask-platform.ts'
import { findPlatform, type PlatformPath } from './find-platform.ts'
import { saveGrant } from './save-grant.ts'

/** What was in the way may be gone when it's asked for. */
const mostTries = 3

type Request = PlatformPath & { session: Session; reply: Reply; action?: string }

/**
 * Ends a connection with what the user brings back from the platform, or says which step it needs next.
 * While one request holds the pending authorization no other can use it; an outage gives it back, a refusal spends it
 * (unless the platform takes another try).
 */
export async function finishGrant(
  services: Services,
  { session, reply, action, ...path }: Request,
): Promise<{ needs?: string }> {
  const platform = findPlatform(services, path)
  const step = stepOf(platform, action)
  const held = await holdPending(services, session, platform, action ?? 'code')
  let finished: Finished
  try {
    const place = { table: 'pending_authorizations', column: 'pending', row: held.id, user: session.userId }
    const pending = JSON.parse(await services.seal.open(held.pendingSealed, place))
    const asked = { platform: platform.name, call: action === undefined ? 'finish' : 'action' } as const
    finished = await askPlatform(services, asked, (call) => step({ ...call, pending, reply }))
  } catch (error) {
    if (isSpent(error, platform)) await dropPending(services, held.id)
    else await releasePending(services, held.id)
    throw error
  }
  if ('needs' in finished) {
    await keepNextStep(services, session, held.id, finished)
    return { needs: finished.needs }
  }
  await saveGrant(services, { userId: session.userId, platform, grant: finished.grant, pendingId: held.id })
  return {}
}

function stepOf(platform: Platform, action: string | undefined): (request: FinishRequest) => Promise<Finished> {
  if (action === undefined) return (request) => platform.finish(request)
  const step = Object.hasOwn(platform.actions ?? {}, action) ? platform.actions?.[action] : undefined
  if (!step) throw new RefusedError('not_found', 'this platform has no such step')
  return step
}

/** A refused code is spent at an OAuth platform; a missing field, a platform's limit or an outage spends nothing. */
function isSpent(error: unknown, platform: Platform): boolean {
  if (!(error instanceof RefusedError) || platform.takesAnotherTry) return false
  return error.refusal === 'forbidden' || error.refusal === 'unprocessable'
}

async function holdPending(
  services: Services,
  session: Session,
  platform: Platform,
  next: string,
  tries = mostTries,
): Promise<{ id: string; pendingSealed: string }> {
  const { db, settings } = services
  const { name } = platform
  const mine = and(eq(pendingAuthorizations.sessionIdHash, session.idHash), eq(pendingAuthorizations.platform, name))
  const live = and(mine, gt(pendingAuthorizations.expiresAt, sql`now()`))
  const beingRevoked = and(
    eq(revocations.userId, session.userId),
    eq(revocations.platform, name),
    gt(revocations.heldUntil, sql`now()`),
  )
  const [held] = await db
    .update(pendingAuthorizations)
    .set({ heldUntil: sql`now() + make_interval(secs => ${settings.platformLimit + 5})` })
    .where(
      and(
        live,
        eq(pendingAuthorizations.next, next),
        or(isNull(pendingAuthorizations.heldUntil), lt(pendingAuthorizations.heldUntil, sql`now()`)),
        notExists(db.select({ one: sql`1` }).from(revocations).where(beingRevoked)),
      ),
    )
    .returning({ id: pendingAuthorizations.id, pendingSealed: pendingAuthorizations.pendingSealed })
  if (held) return held

  const [why] = await db
    .select({
      saved: exists(
        db
          .select({ one: sql`1` })
          .from(grants)
          .where(and(eq(grants.userId, session.userId), eq(grants.platform, name))),
      ),
      held: exists(
        db
          .select({ one: sql`1` })
          .from(pendingAuthorizations)
          .where(and(live, gt(pendingAuthorizations.heldUntil, sql`now()`))),
      ),
      revoking: exists(db.select({ one: sql`1` }).from(revocations).where(beingRevoked)),
      waiting: exists(
        db
          .select({ one: sql`1` })
          .from(pendingAuthorizations)
          .where(and(live, eq(pendingAuthorizations.next, next))),
      ),
    })
    .from(sql`(select 1) as one`)
  if (why?.held) throw new RefusedError('conflict', 'this connection is being finished by another request')
  if (why?.waiting && !why.revoking && tries > 1) return holdPending(services, session, platform, next, tries - 1)
  // Ending the old grant could end the new one with it: this reply can be sent again.
  if (why?.waiting) throw new UnavailableError(name, { cause: new ProviderError('its last grant is being ended') })
  if (why?.saved) throw new RefusedError('conflict', `${name} is already saved`)
  throw new RefusedError('forbidden', 'no connection waits for this step: start it (again)')
}

const releasePending = async ({ db }: Services, id: string) => {
  await db.update(pendingAuthorizations).set({ heldUntil: null }).where(eq(pendingAuthorizations.id, id))
}

const dropPending = async ({ db }: Services, id: string) => {
  await db.delete(pendingAuthorizations).where(eq(pendingAuthorizations.id, id))
}

async function keepNextStep(
  { db, seal }: Services,
  { userId }: Session,
  id: string,
  { needs, pending }: Extract<Finished, { needs: string }>,
): Promise<void> {
  const place = { table: 'pending_authorizations', column: 'pending', row: id, user: userId }
  const pendingSealed = await seal.seal(JSON.stringify(pending), place)
  const kept = await db
    .update(pendingAuthorizations)
    .set({ pendingSealed, next: needs, heldUntil: null })
    .where(eq(pendingAuthorizations.id, id))
    .returning({ id: pendingAuthorizations.id })
  if (kept.length === 0) throw new RefusedError('conflict', 'the connection was started anew meanwhile')
}
