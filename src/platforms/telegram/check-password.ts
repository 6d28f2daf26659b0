import { ProviderError } from '../../errors.ts'
import { type TelegramConnection, TelegramRefusal } from './connection.ts'

/** Proves the two-step password by SRP: it never leaves this process. */
export async function checkPassword(
  { Api, ask }: Pick<TelegramConnection, 'Api' | 'ask'>,
  password: string,
): Promise<unknown> {
  const challenge = await ask(new Api.account.GetPassword())
  if (!(challenge instanceof Api.account.Password))
    throw new ProviderError('account.getPassword answered something else')
  // Switched off since the code was entered: nothing to prove, and the sign-in has to begin anew.
  if (!challenge.hasPassword) throw new TelegramRefusal('SESSION_EXPIRED')
  const { computeCheck } = await import('./library.ts')
  return ask(new Api.auth.CheckPassword({ password: await computeCheck(challenge, password) }))
}
