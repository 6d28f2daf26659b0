import { expect, onTestFinished } from 'vitest'
import { checkUsers } from './check-users.ts'
import type { FaultWorld, Instance } from './fault-world.ts'
import { openJournal, simulateUntil } from './simulate-users.ts'

/** People who live at a server until `end`, or the test's. */
export function simulateUsers(world: FaultWorld, server: Pick<Instance, 'url'>, crowd = 4) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const journal = openJournal()
  const simulation = simulateUntil(world, journal, server, { signal: stop.signal, crowd })
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
      await simulation
      const verdict = await checkUsers(world, journal)
      expect(verdict).toMatchObject({ lost: [], halfDone: [] })
      expect([...journal.refused.keys()].filter((status) => status !== 503)).toEqual([])
      expect(journal.broken).toBe(0)
      return verdict
    },
  }
}
