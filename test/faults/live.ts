import { expect, onTestFinished } from 'vitest'
import { checkLives } from './check-lives.ts'
import type { FaultWorld, Instance } from './fault-world.ts'
import { liveUntil, openJournal } from './lives.ts'

/** People who live at a server until `end`, or the test's. */
export function live(world: FaultWorld, server: Pick<Instance, 'url'>, crowd = 4) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const journal = openJournal()
  const living = liveUntil(world, journal, server, { signal: stop.signal, crowd })
  return {
    journal,
    /** Milliseconds from `since` to the next answer that isn't a 5xx. */
    async recovered(since: number): Promise<number> {
      await expect.poll(() => (journal.answeredAt.at(-1) ?? 0) > since, { timeout: 60_000, interval: 5 }).toBe(true)
      return (journal.answeredAt.find((time) => time > since) ?? 0) - since
    },
    /** Nothing is lost or half done; whatever wasn't answered as usual was answered 503. */
    async end() {
      stop.abort()
      await living
      const verdict = await checkLives(world, journal)
      expect(verdict).toMatchObject({ lost: [], halfDone: [] })
      expect([...journal.refused.keys()].filter((status) => status !== 503)).toEqual([])
      expect(journal.broken).toBe(0)
      return verdict
    },
  }
}
