import { eq } from 'drizzle-orm'
import { ProviderError, RefusedError } from '../errors.ts'
import type { Exchanged, Platform } from '../platforms/platform.ts'
import { revocations } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { claimEnding, type RevocationJob, recordEnding } from './account-endings.ts'
import { callPlatform } from './call-platform.ts'
import { accountIndexesOf, openExchanged } from './grant-row.ts'

/** `superseded`: the grant stays, since its account is saved again. `waiting`: until it is known whether it will be. */
type Outcome = 'ended' | 'superseded' | 'waiting'

/** Ends one grant at its platform, unless that would end one that somebody uses. */
export async function endGrant(services: Services, job: RevocationJob): Promise<Outcome> {
  const platform = services.platforms.get(job.platform)
  // One protocol's driver would send nonsense for another's grant, and read the platform's refusal as "already gone".
  if (platform?.protocol !== job.protocol)
    throw new ProviderError(`${job.platform} by ${job.protocol} is not configured`)
  const exchanged = await openExchanged(services, job)
  const accountIndexes = platform.separateGrants
    ? []
    : await accountIndexesOf(services, platform.name, await withAccount(services, platform, exchanged))
  const claimed = accountIndexes.length > 0 ? await claimEnding(services, job, accountIndexes) : 'claimed'
  if (claimed !== 'claimed') return claimed
  await callPlatform(services, { platform: platform.name, call: 'revoke' }, (call) => platform.revoke(exchanged, call))
  if (accountIndexes.length > 0) await recordEnding(services, job, accountIndexes)
  else await services.db.delete(revocations).where(eq(revocations.id, job.id))
  return 'ended'
}

/** What was exchanged and never looked up is looked up now. If its platform no longer says whose it is, nobody can have it saved by that account. */
async function withAccount(services: Services, platform: Platform, exchanged: Exchanged): Promise<Exchanged> {
  const { identify, name } = platform
  if (exchanged.accountId !== undefined || !identify) return exchanged
  try {
    return await callPlatform(services, { platform: name, call: 'identify' }, (call) => identify(exchanged, call))
  } catch (error) {
    if (error instanceof RefusedError && error.refusal === 'forbidden') return exchanged
    throw error
  }
}
