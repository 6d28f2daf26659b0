import { ProviderError } from '../../errors.ts'
import type { Grant } from '../platform.ts'
import type { TelegramConnection } from './connection.ts'

/** The account that this session speaks for. Throws `TelegramRefusal` when it speaks for none. */
export async function findAccount(connection: TelegramConnection): Promise<Grant> {
  const { Api } = connection
  const users = await connection.ask(new Api.users.GetUsers({ id: [new Api.InputUserSelf()] }))
  return grantOf(connection, Array.isArray(users) ? users[0] : undefined)
}

/** A grant by this line's session, for the account that Telegram answered. */
export function grantOf({ Api, session }: TelegramConnection, user: unknown): Grant {
  if (!(user instanceof Api.User)) throw new ProviderError('Telegram answered no user')
  const { firstName, lastName, username, phone } = user
  return {
    accountId: String(user.id),
    tokens: { session: session() },
    profile: {
      first_name: firstName ?? '',
      ...(lastName && { last_name: lastName }),
      ...(username && { username }),
      ...(phone && { phone_number: `+${phone}` }),
    },
  }
}
