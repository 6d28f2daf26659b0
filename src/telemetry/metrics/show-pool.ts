import { Gauge, type Registry } from 'prom-client'

const shown = {
  max: ['max', 'Slots for statements: four on each of DATABASE_POOL connections.'],
  inUse: ['in_use', 'Of these, taken: one by a statement, all of a connection by a transaction.'],
  waiting: ['waiting', 'Statements and transactions that wait for a slot.'],
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
