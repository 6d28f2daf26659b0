import { DatabaseTimeoutError } from './database-timeout-error.ts'

/** A client of one connection. `leave` ends the connection; false: it has none. */
type Opened<Client> = { client: Client; answered: () => void; leave: () => boolean }

type Connection<Client> = Opened<Client> & {
  statements: number
  hasTransaction: boolean
  /** Postgres answered on it, and it wasn't lost since. */
  isOpen: boolean
  /** It's to end: it takes no statement any more, and goes when those that it has are over. */
  isLeaving: boolean
  /** How often it was lost. */
  losses: number
  /** When it was lost, as `performance.now()`. */
  closedAt: number
}

/** Where a statement may run: one of its connection's places or, for a transaction, all that are left of it. */
export type Place<Client> = { readonly connection: Connection<Client>; readonly isWhole: boolean }

type Waiting<Client> = { isWhole: boolean; enter: (place: Place<Client>) => void }

/** For so long a connection that was lost is used only where no other has a place: it may be refused again. */
const restMilliseconds = 1000

/** `each`: places on a connection. `open` makes a client of one connection, which tells when it loses it. */
type Options<Client> = { connections: number; each: number; open: (onClosed: () => void) => Opened<Client> }

/**
 * Places for statements. Who finds none waits in turn, for a limited time. The driver's own pool isn't used: its queue has no end, and its list of
 * connections in use grows, and is gone through at each statement, for as long as one is.
 */
export function createPool<Client>({ connections, each, open }: Options<Client>) {
  const queue = new Set<Waiting<Client>>()
  const all = Array.from({ length: connections }, () => {
    const connection: Connection<Client> = {
      ...open(() => {
        connection.isOpen = false
        connection.losses++
        // What was ended on purpose may be opened again at once.
        if (!connection.isLeaving) connection.closedAt = performance.now()
        connection.isLeaving = false
        serve()
      }),
      statements: 0,
      hasTransaction: false,
      isOpen: false,
      isLeaving: false,
      losses: 0,
      closedAt: Number.NEGATIVE_INFINITY,
    }
    return connection
  })

  /** Best is an open one that is free; rather open another than let a statement wait behind one. */
  function costOf({ statements, hasTransaction, isOpen, isLeaving, closedAt }: Connection<Client>): number {
    if (hasTransaction || isLeaving || statements >= each) return Number.POSITIVE_INFINITY
    if (isOpen) return statements
    return statements + 0.5 + (performance.now() - closedAt < restMilliseconds ? each : 0)
  }

  function find(isWhole: boolean): Place<Client> | undefined {
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

  function serve(): void {
    for (const next of queue) {
      const place = find(next.isWhole)
      if (!place) break
      queue.delete(next)
      next.enter(place)
    }
  }

  function leaveIfIdle(connection: Connection<Client>): void {
    if (connection.isLeaving && connection.statements === 0) connection.isLeaving = connection.leave()
  }

  const [first] = all
  if (!first) throw new Error('a pool needs a connection')

  return {
    first: first.client,

    state: () => ({
      max: connections * each,
      open: all.filter(({ isOpen }) => isOpen).length,
      inUse: all.reduce((sum, { statements, hasTransaction }) => sum + (hasTransaction ? each : statements), 0),
      waiting: queue.size,
    }),

    /** `isWhole`: a connection that nobody else takes. Rejects after `limit` milliseconds without a place. */
    take(limit: number, { isWhole = false } = {}): Place<Client> | Promise<Place<Client>> {
      const free = queue.size === 0 ? find(isWhole) : undefined
      if (free) return free
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue.delete(waiting)
          reject(new DatabaseTimeoutError('no connection is free'))
        }, limit)
        const waiting: Waiting<Client> = {
          isWhole,
          enter: (place) => {
            clearTimeout(timer)
            resolve(place)
          },
        }
        queue.add(waiting)
      })
    },

    /** Postgres is there, on this connection. */
    answered({ connection }: Place<Client>): void {
      if (connection.isOpen) return
      connection.isOpen = true
      connection.answered()
    },

    giveBack({ connection, isWhole }: Place<Client>): void {
      connection.statements--
      if (isWhole) connection.hasTransaction = false
      leaveIfIdle(connection)
      serve()
    },

    /** No further statement gets this connection. */
    retire({ connection }: Place<Client>): void {
      connection.isLeaving = true
      leaveIfIdle(connection)
    },

    /** Nor any that is open now. */
    retireAll(): void {
      for (const connection of all) {
        if (!connection.isOpen) continue
        connection.isLeaving = true
        leaveIfIdle(connection)
      }
    },
  }
}

export type Pool<Client> = ReturnType<typeof createPool<Client>>
