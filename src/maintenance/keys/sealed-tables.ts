import type { SealContext } from '../../crypto/seal.ts'
import { sealContexts } from '../../crypto/seal-contexts.ts'
import type { Services } from '../../services.ts'
import { accountIndexesOf } from '../../vault/grant-row.ts'

/** A row as the database names its columns. */
export type SealedRow = { id: string; user_id?: string; platform?: string; [column: string]: unknown }

export type SealedTable = {
  name: string
  /** Its sealed columns, and the context that each was sealed for. */
  sealed: Readonly<Record<string, (row: SealedRow) => SealContext>>
  /** The hashes, newest key first, of what is sealed in the column `of`. */
  index?: {
    column: string
    of: string
    hash(services: Pick<Services, 'blindIndex'>, opened: string, row: SealedRow): Promise<string[]>
  }
}

const person = {
  phone_number_sealed: ({ id }: SealedRow) => sealContexts.phoneNumber(id),
  name_sealed: ({ id }: SealedRow) => sealContexts.name(id),
}
const grant = { grant_sealed: ({ id, user_id: userId = '' }: SealedRow) => sealContexts.grant({ id, userId }) }

/** None while it isn't known whose the grant is. */
const account: SealedTable['index'] = {
  column: 'account_index',
  of: 'grant_sealed',
  hash: (services, opened, { platform = '' }) => accountIndexesOf(services, platform, JSON.parse(opened)),
}

/**
 * Every table with something sealed. Rows move from signups to users, and from pending authorizations and grants to revocations: in this order
 * none is missed. Other keyed
 * hashes (of sessions, codes, waits and tries) are of no use after a day or two: they go with their rows.
 */
export const sealedTables: readonly SealedTable[] = [
  {
    name: 'hidden_sends',
    sealed: { number_sealed: ({ id }) => sealContexts.hiddenSend(id) },
  },
  { name: 'signups', sealed: person },
  {
    name: 'users',
    sealed: person,
    index: {
      column: 'phone_number_index',
      of: 'phone_number_sealed',
      hash: ({ blindIndex }, number) => blindIndex.all('phone number', number),
    },
  },
  {
    name: 'pending_authorizations',
    sealed: {
      ...grant,
      pending_sealed: ({ id, user_id: userId = '' }) => sealContexts.pendingAuthorization({ id, userId }),
    },
    index: account,
  },
  { name: 'grants', sealed: grant, index: account },
  { name: 'revocations', sealed: grant, index: account },
]
