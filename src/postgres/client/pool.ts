import { DatabaseTimeoutError } from '../errors.ts'

/** A client of one connection. `close` ends the connection; false: it has none. */
type Opened<Client> = { client: Client; answered: () => void; close: () => boolean }

type Connection<Client> = Opened<Client> & {
  statements: number
  hasTransaction: boolean
  /** Postgres answered on it, and it wasn't lost since. */
  isOpen: boolean
  /** It's to end: it takes no statement any more, and goes when those that it has are over. */
  isRetiring: boolean
  /** How often it was lost. */
  losses: number
  /** When it was lost, as `performance.now()`. */
  closedAt: number
}

/** Where a statement may run: one slot of a connection or, for a transaction, the whole connection. */
export type Slot<Client> = { readonly connection: Connection<Client>; readonly isWhole: boolean }

type Waiting<Client> = { isWhole: boolean; grant: (slot: Slot<Client>) => void }

/** A lost connection is a last resort for this long: reconnecting may fail again. */
const cooldownMilliseconds = 1000

/** `open` makes a client with one connection and calls `onClosed` when that is lost. */
type Options<Client> = {
  connections: number
  slotsPerConnection: number
  open: (onClosed: () => void) => Opened<Client>
}

/**
 * Slots for statements. Callers queue for a free slot, for a limited time. The driver's own pool isn't used: its queue has no end, and its list of
 * connections in use grows, and is gone through at each statement, for as long as one is.
 */
export function createPool<Client>({ connections, slotsPerConnection, open }: Options<Client>) {
  const queue = new Set<Waiting<Client>>()
  const all = Array.from({ length: connections }, () => {
    const connection: Connection<Client> = {
      ...open(() => {
        connection.isOpen = false
        connection.losses++
        // What was ended on purpose may be opened again at once.
        if (!connection.isRetiring) connection.closedAt = performance.now()
        connection.isRetiring = false
        dispatch()
      }),
      statements: 0,
      hasTransaction: false,
      isOpen: false,
      isRetiring: false,
      losses: 0,
      closedAt: Number.NEGATIVE_INFINITY,
    }
    return connection
  })

  /** Best is an open one that is free; rather open another than let a statement wait behind one. */
  function costOf({ statements, hasTransaction, isOpen, isRetiring, closedAt }: Connection<Client>): number {
    if (hasTransaction || isRetiring || statements >= slotsPerConnection) return Number.POSITIVE_INFINITY
    if (isOpen) return statements
    return statements + 0.5 + (performance.now() - closedAt < cooldownMilliseconds ? slotsPerConnection : 0)
  }

  function find(isWhole: boolean): Slot<Client> | undefined {
    let found: Connection<Client> | undefined
    let least = Number.POSITIVE_INFINITY
    for (const connection of all) {
      const cost = costOf(connection)
      if (cost >= least) continue
      found = connection
      least = cost
      if (cost === 0) break
    }
    if (!found) return undefined
    found.statements++
    found.hasTransaction = isWhole
    return { connection: found, isWhole }
  }

  function dispatch(): void {
    for (const next of queue) {
      const slot = find(next.isWhole)
      if (!slot) break
      queue.delete(next)
      next.grant(slot)
    }
  }

  function closeIfIdle(connection: Connection<Client>): void {
    if (connection.isRetiring && connection.statements === 0) connection.isRetiring = connection.close()
  }

  const [first] = all
  if (!first) throw new Error('a pool needs a connection')

  return {
    first: first.client,

    state: () => ({
      max: connections * slotsPerConnection,
      open: all.filter(({ isOpen }) => isOpen).length,
      inUse: all.reduce(
        (sum, { statements, hasTransaction }) => sum + (hasTransaction ? slotsPerConnection : statements),
        0,
      ),
      waiting: queue.size,
    }),

    /** `isWhole`: a connection of one's own. Rejects after `timeout` milliseconds without a free slot. */
    acquire(timeout: number, { isWhole = false } = {}): Slot<Client> | Promise<Slot<Client>> {
      const free = queue.size === 0 ? find(isWhole) : undefined
      if (free) return free
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue.delete(waiting)
          reject(new DatabaseTimeoutError('no connection is free'))
        }, timeout)
        const waiting: Waiting<Client> = {
          isWhole,
          grant: (slot) => {
            clearTimeout(timer)
            resolve(slot)
          },
        }
        queue.add(waiting)
      })
    },

    /** Postgres is there, on this connection. */
    answered({ connection }: Slot<Client>): void {
      if (connection.isOpen) return
      connection.isOpen = true
      connection.answered()
    },

    release({ connection, isWhole }: Slot<Client>): void {
      connection.statements--
      if (isWhole) connection.hasTransaction = false
      closeIfIdle(connection)
      dispatch()
    },

    /** No further statement gets this connection. */
    retire({ connection }: Slot<Client>): void {
      connection.isRetiring = true
      closeIfIdle(connection)
    },

    /** Nor any that is open now. */
    retireAll(): void {
      for (const connection of all) {
        if (!connection.isOpen) continue
        connection.isRetiring = true
        closeIfIdle(connection)
      }
    },
  }
}

export type Pool<Client> = ReturnType<typeof createPool<Client>>
