import { DatabaseTimeoutError } from './database-timeout-error.ts'

type Waiting = { enter: () => void }

/** Places for as many statements as the pool takes. Who finds none waits in turn, for a limited time: the driver's own queue has no end. */
export function createSlots(count: number) {
  const queue = new Set<Waiting>()
  let free = count

  return {
    state: () => ({ max: count, inUse: count - free, waiting: queue.size }),

    /** Resolves when there is a place. Rejects after `limit` milliseconds. */
    take(limit: number): Promise<void> | undefined {
      if (free > 0) {
        free--
        return undefined
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue.delete(waiting)
          reject(new DatabaseTimeoutError('no connection is free'))
        }, limit)
        const waiting = {
          enter: () => {
            clearTimeout(timer)
            resolve()
          },
        }
        queue.add(waiting)
      })
    },

    /** The next in the queue takes over this place. */
    giveBack(): void {
      const [next] = queue
      if (!next) {
        free++
        return
      }
      queue.delete(next)
      next.enter()
    },
  }
}
