import { describeError } from '../api/describe-error.ts'
import type { Log } from '../services.ts'

/** Work that goes on after its request was answered, until it ends. */
export function createBackground(log: Log) {
  const running = new Set<Promise<void>>()
  return {
    begin(work: () => Promise<void>, requestId?: string): void {
      // In a turn of its own: what it does at once would delay the answer, and so tell of itself.
      const done = new Promise((resolve) => setTimeout(resolve))
        .then(work)
        .catch((error: unknown) => log.error('background work failed', { requestId, error: describeError(error) }))
        .finally(() => running.delete(done))
      running.add(done)
    },
    /** Resolves when nothing runs any more. */
    async ended(): Promise<void> {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
