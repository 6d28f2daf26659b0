import type { Exchanged, Grant } from '../platforms/platform.ts'
import type { Services } from '../services.ts'

type Place = { id: string; userId: string }

/**
 * A grant's ciphertext stays what it is when its row moves, from a pending authorization or a wallet to `revocations`: they share the id, and
 * the place is named after the wallet.
 */
export const grantPlace = ({ id, userId }: Place) => ({ table: 'grants', column: 'grant', row: id, user: userId })

export const sealGrant = ({ seal }: Pick<Services, 'seal'>, place: Place, grant: Exchanged): Promise<string> =>
  seal.seal(JSON.stringify(grant), grantPlace(place))

type SealedGrant = Place & { grantSealed: string }

/** What a row of the wallet holds. */
export const openGrant = (services: Pick<Services, 'seal'>, row: SealedGrant): Promise<Grant> => open(services, row)

/** What a pending authorization or a revocation holds: whose it is may not be known yet. */
export const openExchanged = (services: Pick<Services, 'seal'>, row: SealedGrant): Promise<Exchanged> =>
  open(services, row)

async function open<Kept extends Exchanged>({ seal }: Pick<Services, 'seal'>, row: SealedGrant): Promise<Kept> {
  return JSON.parse(await seal.open(row.grantSealed, grantPlace(row)))
}

/** Of one account at one platform: what makes a grant the only one. Under every key, the first of which is stored. Empty while it isn't known. */
export const accountIndexesOf = async (
  { index }: Pick<Services, 'index'>,
  platform: string,
  { accountId }: Exchanged,
): Promise<string[]> => (accountId === undefined ? [] : index.all('platform account', `${platform} ${accountId}`))
