import { sealContexts } from '../crypto/seal-contexts.ts'
import type { Exchanged, Grant } from '../platforms/platform.ts'
import type { Services } from '../services.ts'

type GrantKey = { id: string; userId: string }

export const sealGrant = ({ seal }: Pick<Services, 'seal'>, key: GrantKey, grant: Exchanged): Promise<string> =>
  seal.seal(JSON.stringify(grant), sealContexts.grant(key))

type SealedGrant = GrantKey & { grantSealed: string }

/** What a row of the wallet holds. */
export const openGrant = (services: Pick<Services, 'seal'>, row: SealedGrant): Promise<Grant> => open(services, row)

/** What a pending authorization or a revocation holds: whose it is may not be known yet. */
export const openExchanged = (services: Pick<Services, 'seal'>, row: SealedGrant): Promise<Exchanged> =>
  open(services, row)

async function open<Kept extends Exchanged>({ seal }: Pick<Services, 'seal'>, row: SealedGrant): Promise<Kept> {
  return JSON.parse(await seal.open(row.grantSealed, sealContexts.grant(row)))
}

/** Of one account at one platform: what makes a grant the only one. Under every key, the first of which is stored. Empty while it isn't known. */
export const accountIndexesOf = async (
  { blindIndex }: Pick<Services, 'blindIndex'>,
  platform: string,
  { accountId }: Exchanged,
): Promise<string[]> => (accountId === undefined ? [] : blindIndex.all('platform account', `${platform} ${accountId}`))
