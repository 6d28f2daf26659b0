import { Gauge, type Registry } from 'prom-client'

const shown = {
  max: ['max', 'Statements that may be under way: four to each of DATABASE_POOL connections.'],
  inUse: ['in_use', 'Statements and transactions that are under way.'],
  waiting: ['waiting', 'Statements and transactions that wait for a place.'],
} as const

/** The pool is asked when it's looked at. */
export function showPool(registry: Registry, state: () => Record<keyof typeof shown, number>): void {
  for (const key of ['max', 'inUse', 'waiting'] as const) {
    const [name, help] = shown[key]
    new Gauge({
      name: `swob_database_pool_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(state()[key])
      },
    })
  }
}
