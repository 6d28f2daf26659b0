import { eq } from 'drizzle-orm'
import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import type { Exchanged, Finished, FinishRequest, Grant, Platform, Reply } from '../platforms/platform.ts'
import { pendingAuthorizations } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'
import { callPlatform } from './call-platform.ts'
import { findPlatform, type PlatformPath } from './find-platform.ts'
import { openExchanged } from './grant-row.ts'
import { exchangedStep, type HeldPending, holdPending, releasePending } from './hold-pending.ts'
import { dropPending, keepExchanged } from './keep-exchanged.ts'
import { saveGrant } from './save-grant.ts'
import { openPending, sealPending } from './seal-pending.ts'

/** An old grant of the same account is ended while each of so many look-ups runs: then that has to end first. */
const maxLookups = 3

type FinishGrantInput = PlatformPath & { session: Session; reply: Reply; action?: string }

/**
 * Ends a connection with what the user brings back from the platform, or says which step it needs next.
 * While one request holds the pending authorization no other can use it; an outage gives it back, a refusal spends it
 * (unless the platform takes another try). Once the reply was exchanged for tokens the next request goes on with these.
 */
export async function finishGrant(
  services: Services,
  { session, reply, action, ...path }: FinishGrantInput,
): Promise<{ needs?: string }> {
  const platform = findPlatform(services, path)
  const step = stepOf(platform, action)
  const held = await holdPending(services, session, platform, action ?? 'code')
  try {
    if (held.next === exchangedStep) {
      await saveCheckedGrant(services, { held, platform, grant: await completeGrant(services, platform, held) })
      return {}
    }
    const finished = await takeStep(services, { held, platform, step, reply, call: action ? 'action' : 'finish' })
    if ('needs' in finished) {
      await keepNextStep(services, platform, held, finished)
      return { needs: finished.needs }
    }
    await saveCheckedGrant(services, { held, platform, grant: finished.grant })
    return {}
  } catch (error) {
    if (isSpent(error, platform)) await dropPending(services, held.id)
    else await releasePending(services, held.id)
    throw error
  }
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

type Step = {
  held: HeldPending
  platform: Platform
  step: (request: FinishRequest) => Promise<Finished>
  reply: Reply
  call: 'finish' | 'action'
}

async function takeStep(services: Services, { held, platform, step, reply, call }: Step): Promise<Finished> {
  const pending = await openPending(services, held)
  const onExchanged = async (exchanged: Exchanged) => {
    held.since = await keepExchanged(services, { held, platform, exchanged })
  }
  return callPlatform(services, { platform: platform.name, call }, (platformCall) =>
    step({ ...platformCall, pending, reply, onExchanged }),
  )
}

/** The grant that an earlier request exchanged a code for, but couldn't finish. */
async function completeGrant(services: Services, platform: Platform, held: HeldPending): Promise<Grant> {
  const exchanged = await openExchanged(services, { ...held, grantSealed: held.grantSealed ?? '' })
  platform.checkPermissions?.(exchanged)
  return identify(services, platform, exchanged)
}

async function identify(services: Services, platform: Platform, exchanged: Exchanged): Promise<Grant> {
  const { identify, name } = platform
  if (!identify) throw new Error(`${name} exchanges nothing`)
  return callPlatform(services, { platform: name, call: 'identify' }, (call) => identify(exchanged, call))
}

/** Saves it, once the platform has taken its tokens since an old grant of the same account was ended: they might have gone with it. */
async function saveCheckedGrant(
  services: Services,
  { held, platform, ...input }: { held: HeldPending; platform: Platform; grant: Grant },
): Promise<void> {
  let { grant } = input
  for (let lookUps = 1; lookUps <= maxLookups; lookUps++) {
    const unsure = await saveGrant(services, { held, platform, grant })
    if (!unsure) return
    held.since = unsure.since
    grant = await identify(services, platform, grant)
  }
  throw new UnavailableError(platform.name, { cause: new ProviderError('old grants of the account are being revoked') })
}

async function keepNextStep(
  services: Services,
  platform: Platform,
  held: HeldPending,
  { needs, pending }: Extract<Finished, { needs: string }>,
): Promise<void> {
  const kept = await services.db
    .update(pendingAuthorizations)
    .set({ ...(await sealPending(services, platform, held, pending)), next: needs, heldUntil: null })
    .where(eq(pendingAuthorizations.id, held.id))
    .returning({ id: pendingAuthorizations.id })
  if (kept.length === 0) throw new RefusedError('conflict', 'the connection was restarted in the meantime')
}
