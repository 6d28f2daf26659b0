import { DatabaseTimeoutError } from './database-timeout-error.ts'

/** Where a statement may run: one of its connection's places or, for a transaction, all that are left of it. */
export type Place = { connection: number; isWhole: boolean }

type Waiting = { isWhole: boolean; enter: (place: Place) => void }

/**
 * The places of the pool: so many statements on each connection. Who finds none waits in turn, for a limited time. The driver's own pool does
 * neither: its queue has no end, and its list of connections in use grows, and is gone through at each statement, for as long as one is.
 */
export function createPlaces(connections: number, each: number) {
  const queue = new Set<Waiting>()
  const inUse = Array.from({ length: connections }, () => 0)
  const transactions = new Set<number>()

  /** On the connection with the fewest statements. */
  function find(isWhole: boolean): Place | undefined {
    let found: number | undefined
    let fewest = each
    for (const [connection, count] of inUse.entries()) {
      if (count >= fewest || transactions.has(connection)) continue
      found = connection
      fewest = count
      if (count === 0) break
    }
    if (found === undefined) return undefined
    inUse[found] = fewest + 1
    if (isWhole) transactions.add(found)
    return { connection: found, isWhole }
  }

  return {
    state: () => ({
      max: connections * each,
      inUse: inUse.reduce((sum, count, connection) => sum + (transactions.has(connection) ? each : count), 0),
      waiting: queue.size,
    }),

    /** `isWhole`: a connection that nobody else takes. Rejects after `limit` milliseconds without a place. */
    take(limit: number, { isWhole = false } = {}): Place | Promise<Place> {
      const free = queue.size === 0 ? find(isWhole) : undefined
      if (free) return free
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue.delete(waiting)
          reject(new DatabaseTimeoutError('no connection is free'))
        }, limit)
        const waiting: Waiting = {
          isWhole,
          enter: (place) => {
            clearTimeout(timer)
            resolve(place)
          },
        }
        queue.add(waiting)
      })
    },

    giveBack({ connection, isWhole }: Place): void {
      inUse[connection] = (inUse[connection] ?? 0) - 1
      if (isWhole) transactions.delete(connection)
      for (const next of queue) {
        const place = find(next.isWhole)
        if (!place) break
        queue.delete(next)
        next.enter(place)
      }
    },
  }
}
