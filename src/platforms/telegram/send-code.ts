import { RefusedError } from '../../errors.ts'
import { type TelegramLine, type TelegramOptions, TelegramRefusal } from './line.ts'

/** Asks for a code at the data centre where the number lives; a migration answer means that none was sent. Returns its hash. */
export async function sendCode(
  line: TelegramLine,
  { apiId, apiHash }: TelegramOptions,
  phoneNumber: string,
): Promise<string> {
  const { Api } = line
  const settings = new Api.CodeSettings({})
  for (let moves = 0; ; moves++) {
    try {
      const sent = await line.ask(new Api.auth.SendCode({ phoneNumber, apiId, apiHash, settings }))
      if (sent instanceof Api.auth.SentCode && !(sent.type instanceof Api.auth.SentCodeTypeSetUpEmailRequired)) {
        return sent.phoneCodeHash
      }
      throw new RefusedError('forbidden', 'Telegram sends this number a code only in its own app: sign in there first')
    } catch (error) {
      const dc =
        error instanceof TelegramRefusal ? /^(?:PHONE|NETWORK|USER)_MIGRATE_(\d+)$/.exec(error.message)?.[1] : undefined
      if (dc === undefined || moves === 2) throw error
      await line.moveTo(Number(dc))
    }
  }
}
