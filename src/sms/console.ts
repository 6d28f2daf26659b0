import type { CodeSender } from './code-sender.ts'
import { codeText } from './code-text.ts'

/** Writes each message as one line instead of sending it. Development only: whoever reads the output has the codes. */
export function consoleSender(write: (line: string) => void): CodeSender {
  return {
    async send({ to, ...message }) {
      write(`SMS to ${to}: ${codeText(message)}`)
      return {}
    },
  }
}
