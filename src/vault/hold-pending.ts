import { and, eq, exists, gt, isNull, lt, notExists, or, sql } from 'drizzle-orm'
import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import type { Platform } from '../platforms/platform.ts'
import { grants, pendingAuthorizations, revocations } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/** What was in the way may be gone when it's asked for. */
const maxAttempts = 3

/** The `next` of a connection whose code was exchanged: what remains is done without it. */
export const exchangedStep = 'exchanged'

/** A connection that one request finishes. `since`: when it was held, or exchanged, by the database's clock. */
export type HeldPending = {
  id: string
  userId: string
  pendingSealed: string
  since: string
  next: string
  /** With `next` at `exchangedStep`: what an earlier request exchanged. */
  grantSealed: string | null
}

/** Holds a session's connection for one request, so that no other uses it. A holder that dies loses it after a while. */
export async function holdPending(
  services: Services,
  session: Session,
  platform: Platform,
  next: string,
  tries = maxAttempts,
): Promise<HeldPending> {
  const { db, settings, request } = services
  const { name } = platform
  const ownPending = and(
    eq(pendingAuthorizations.sessionIdHash, session.idHash),
    eq(pendingAuthorizations.platform, name),
  )
  const live = and(ownPending, gt(pendingAuthorizations.expiresAt, sql`now()`))
  const waits = or(
    eq(pendingAuthorizations.next, next),
    next === 'code' ? eq(pendingAuthorizations.next, exchangedStep) : undefined,
  )
  // Ending an old grant could end the new one with it.
  const beingRevoked = and(
    eq(revocations.userId, session.userId),
    eq(revocations.platform, name),
    gt(revocations.heldUntil, sql`now()`),
    platform.separateGrants ? sql`false` : undefined,
  )
  const [held] = await db
    .update(pendingAuthorizations)
    .set({
      heldUntil: sql`now() + make_interval(secs => ${settings.platformTimeout + 5})`,
      tried: true,
      requestId: request?.id ?? null,
    })
    .where(
      and(
        live,
        waits,
        or(isNull(pendingAuthorizations.heldUntil), lt(pendingAuthorizations.heldUntil, sql`now()`)),
        notExists(db.select({ one: sql`1` }).from(revocations).where(beingRevoked)),
      ),
    )
    .returning({
      id: pendingAuthorizations.id,
      userId: pendingAuthorizations.userId,
      pendingSealed: pendingAuthorizations.pendingSealed,
      grantSealed: pendingAuthorizations.grantSealed,
      next: pendingAuthorizations.next,
      since: sql<string>`now()::text`,
    })
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
      waiting: exists(db.select({ one: sql`1` }).from(pendingAuthorizations).where(and(live, waits))),
    })
    .from(sql`(select 1) as one`)
  if (why?.held) throw new RefusedError('conflict', 'another request is finishing this connection')
  if (why?.waiting && !why.revoking && tries > 1) return holdPending(services, session, platform, next, tries - 1)
  // This reply can be sent again.
  if (why?.waiting)
    throw new UnavailableError(name, { cause: new ProviderError('its previous grant is being revoked') })
  if (why?.saved) throw new RefusedError('conflict', `${name} is already saved`)
  throw new RefusedError('forbidden', 'no connection is waiting for this step; start it again')
}

/** Lets the next request have it. */
export async function releasePending({ db }: Pick<Services, 'db'>, id: string): Promise<void> {
  await db.update(pendingAuthorizations).set({ heldUntil: null }).where(eq(pendingAuthorizations.id, id))
}
