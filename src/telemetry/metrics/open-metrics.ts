import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Database } from '../../postgres/database.ts'
import type { Observer } from '../observer.ts'
import { createCountingObserver } from './count.ts'
import { readStored, showPool, showReadiness, showStored } from './gauges.ts'
import { createInstruments } from './instruments.ts'

export type Metrics = {
  observer: Observer
  contentType: string
  /** All of them, as Prometheus reads them. Never fails, and waits for the database no longer than its statement may take. */
  render(): Promise<string>
}

/** Metrics of this process, and of what is stored in `db`: a connection of its own, so that a full pool hides nothing. */
export function openMetrics({ db, version }: { db: Database; version: string }): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const instruments = createInstruments(registry)
  instruments.build.set({ version }, 1)
  // Named as counters, which they are not.
  for (const kind of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${kind}_total`)
  const refreshing = [showStored(registry, () => readStored(db))]
  return {
    observer: createCountingObserver(instruments, {
      pool: (state) => showPool(registry, state),
      readiness: (check) => void refreshing.push(showReadiness(registry, check)),
    }),
    contentType: registry.contentType,
    async render() {
      await Promise.allSettled(refreshing.map((refresh) => refresh()))
      return registry.metrics()
    },
  }
}
