import type { CodeMessage, CodeSender } from '../../src/sms/code-sender.ts'
import { noteSecret } from './canaries.ts'

/** Every phone of a world: receives codes instead of a provider. */
export function createPhone() {
  const messages: CodeMessage[] = []
  const unsent: CodeMessage[] = []
  return {
    messages,
    /** What it was asked to send and failed to. */
    unsent,
    /** Next sends fail with this. */
    failure: undefined as Error | undefined,
    async send(message: CodeMessage) {
      if (this.failure) {
        unsent.push(message)
        throw this.failure
      }
      messages.push(message)
      noteSecret('code', message.code)
      return {}
    },
    messagesTo: (number: string) => messages.filter(({ to }) => to === number),
    lastCodeTo(number: string): string {
      const last = messages.findLast(({ to }) => to === number)
      if (!last) throw new Error('this phone received no code')
      return last.code
    },
  } satisfies CodeSender & Record<string, unknown>
}

export type Phone = ReturnType<typeof createPhone>
