/** Milliseconds between two tries while connections fail. */
const cooldownMilliseconds = 250
/** After so many milliseconds without a failure, connections are opened as they are needed. */
const recoveryMilliseconds = 1000

type Waiting = (outcome: 'go' | 'again' | Error) => void

/**
 * Limits how often connections are tried while they fail: one try each quarter of a second, whose outcome is that of all who wait. Nobody is
 * kept longer than it takes to know, and a server that comes back isn't met by a crowd.
 */
export function createGate() {
  const waiting = new Set<Waiting>()
  let failingUntil = Number.NEGATIVE_INFINITY
  let nextAt = Number.NEGATIVE_INFINITY

  const wait = (milliseconds: number) =>
    new Promise<'go' | 'again' | Error>((resolve) => {
      const settle: Waiting = (outcome) => {
        clearTimeout(timer)
        waiting.delete(settle)
        resolve(outcome)
      }
      const timer = setTimeout(() => settle('again'), milliseconds)
      waiting.add(settle)
    })

  const settleAll = (outcome: 'go' | Error) => {
    for (const settle of waiting) settle(outcome)
  }

  return {
    /** Resolves when a connection may be tried; rejects as the try that was waited for failed. */
    async pass(): Promise<void> {
      for (;;) {
        const now = performance.now()
        if (now >= failingUntil) return
        if (now >= nextAt) {
          nextAt = now + cooldownMilliseconds
          return
        }
        const outcome = await wait(nextAt - now)
        if (outcome === 'go') return
        if (outcome instanceof Error) throw outcome
      }
    },

    succeeded: () => settleAll('go'),

    failed(error: Error): void {
      const now = performance.now()
      failingUntil = now + recoveryMilliseconds
      nextAt = Math.max(nextAt, now + cooldownMilliseconds)
      settleAll(error)
    },
  }
}
