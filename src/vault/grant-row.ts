import type { Grant } from '../platforms/platform.ts'
import type { Services } from '../services.ts'

type Place = { id: string; userId: string }

/** A grant's ciphertext stays what it is when its row moves to `revocations`: the place is named after where it began. */
export const grantPlace = ({ id, userId }: Place) => ({ table: 'grants', column: 'grant', row: id, user: userId })

export const sealGrant = ({ seal }: Pick<Services, 'seal'>, place: Place, grant: Grant): Promise<string> =>
  seal.seal(JSON.stringify(grant), grantPlace(place))

export async function openGrant(
  { seal }: Pick<Services, 'seal'>,
  row: Place & { grantSealed: string },
): Promise<Grant> {
  return JSON.parse(await seal.open(row.grantSealed, grantPlace(row)))
}

/** Of one account at one platform: what makes a grant the only one. Under every key, the first of which is stored. */
export const accountIndexesOf = ({ index }: Pick<Services, 'index'>, platform: string, { accountId }: Grant) =>
  index.all('platform account', `${platform} ${accountId}`)
