import { ProviderError } from '../../errors.ts'
import type { Grant } from '../platform.ts'
import type { TelegramLine } from './line.ts'

/** The account that this session speaks for. Throws `TelegramRefusal` when it speaks for none. */
export async function findOwner(line: TelegramLine): Promise<Grant> {
  const { Api } = line
  const users = await line.ask(new Api.users.GetUsers({ id: [new Api.InputUserSelf()] }))
  return grantOf(line, Array.isArray(users) ? users[0] : undefined)
}

/** A grant by this line's session, for the account that Telegram answered. */
export function grantOf({ Api, session }: TelegramLine, user: unknown): Grant {
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
