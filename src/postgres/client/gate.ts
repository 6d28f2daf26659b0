/** Milliseconds between two tries while connections fail. */
const cooldown = 250
/** After so many milliseconds without a failure, connections are opened as they are needed. */
const calm = 1000

type Waiting = (outcome: 'go' | 'again' | Error) => void

/**
 * Limits how often connections are tried while they fail: one try each quarter of a second, whose outcome is that of all who wait. Nobody is
 * kept longer than it takes to know, and a server that comes back isn't met by a crowd.
 */
export function createGate() {
  const waiting = new Set<Waiting>()
  let troubledUntil = Number.NEGATIVE_INFINITY
  let nextAt = Number.NEGATIVE_INFINITY

  const wait = (milliseconds: number) =>
    new Promise<'go' | 'again' | Error>((resolve) => {
      const tell: Waiting = (outcome) => {
        clearTimeout(timer)
        waiting.delete(tell)
        resolve(outcome)
      }
      const timer = setTimeout(() => tell('again'), milliseconds)
      waiting.add(tell)
    })

  const tellAll = (outcome: 'go' | Error) => {
    for (const tell of waiting) tell(outcome)
  }

  return {
    /** Resolves when a connection may be tried; rejects as the try that was waited for failed. */
    async pass(): Promise<void> {
      for (;;) {
        const now = performance.now()
        if (now >= troubledUntil) return
        if (now >= nextAt) {
          nextAt = now + cooldown
          return
        }
        const outcome = await wait(nextAt - now)
        if (outcome === 'go') return
        if (outcome instanceof Error) throw outcome
      }
    },

    succeeded: () => tellAll('go'),

    failed(error: Error): void {
      const now = performance.now()
      troubledUntil = now + calm
      nextAt = Math.max(nextAt, now + cooldown)
      tellAll(error)
    },
  }
}
