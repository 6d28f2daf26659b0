import type { SealContext } from './seal.ts'

type Owned = { id: string; userId: string }

const inUsers = (column: string, id: string): SealContext => ({ table: 'users', column, row: id, user: id })

/**
 * What each sealed value is bound to, by what it is: the only list. A value opens in no other context, so what is written here can't change while
 * anything is stored.
 */
export const sealContexts = {
  /** Sealed with the sign-up, whose row becomes the user's. */
  phoneNumber: (userId: string) => inUsers('phone_number', userId),
  name: (userId: string) => inUsers('name', userId),
  /** The same in a wallet, a pending authorization and a revocation, between which it moves: they share the id. */
  grant: ({ id, userId }: Owned): SealContext => ({ table: 'grants', column: 'grant', row: id, user: userId }),
  pendingAuthorization: ({ id, userId }: Owned): SealContext => ({
    table: 'pending_authorizations',
    column: 'pending',
    row: id,
    user: userId,
  }),
  hiddenSend: (id: string): SealContext => ({ table: 'hidden_sends', column: 'number', row: id, user: id }),
}
