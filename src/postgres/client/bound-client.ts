import type { PendingQuery, Row, Sql } from 'postgres'
import { claimTime } from './deadline.ts'
import { isCancelled, isConflict, isReadOnly, isUnprepared } from './errors.ts'
import { createPool, type Place } from './pool.ts'
import { stopPreparing } from './quirks.ts'
import { type Bounds, type Carrier, lazy, type Parameters, type Rows, runStatement } from './run-statement.ts'
import { createTransactions } from './transaction.ts'

/** One connection of the pool. */
export type Opened = {
  client: Sql
  answered(): void
  leave(): boolean
  /** It leads to a server that takes no writes. */
  refused(error: Error): void
  cancel(query: PendingQuery<Row[]>): Promise<void>
}

export type Surroundings = {
  open: (onClosed: () => void) => Opened
  /** Hosts that a connection may lead to. */
  hosts: number
  /** What an error of the driver's is, where it connects by itself. */
  explain?: (error: unknown) => unknown
  /** Whether a connection is asked, before it carries anything, if its server takes writes. */
  asksForRole: boolean
  /** The server was silent since `time` (of `performance.now()`). */
  onSilence: (time: number) => void
}

/** Statements under way on one connection: those sent together take fewer round trips and wake the server less often. */
export const pipelined = 4

/** So often a statement that did nothing is tried elsewhere, while its time lasts. */
const tries = 4

/**
 * One client over several that have one connection each, with bounds: a statement waits for a connection and for its answer only as long as its
 * request may wait, and then ends with `DatabaseTimeoutError`. What Drizzle calls, and no more: no transaction within a transaction.
 */
export function boundClient(surroundings: Surroundings, bounds: Bounds) {
  const { open, hosts, asksForRole, onSilence, explain = (error: unknown) => error } = surroundings
  const opened = new Map<Sql, Opened>()
  let isPreparing = bounds.prepare
  const pool = createPool({
    connections: bounds.connections,
    each: pipelined,
    open: (onClosed) => {
      const connection = open(onClosed)
      opened.set(connection.client, connection)
      return connection
    },
  })

  const carrier = (place: Place<Sql>): Carrier => ({
    retire: () => pool.retire(place),
    cancel: (query) => opened.get(place.connection.client)?.cancel(query) ?? Promise.resolve(),
    silent: (time) => {
      onSilence(time)
      place.connection.leave()
    },
  })

  /** Whether the place's server takes writes, where that is asked. Rejects if not, so that the next connection leads elsewhere. */
  async function settle(place: Place<Sql>, limit: number): Promise<void> {
    if (!asksForRole || place.connection.isOpen) return
    const query = () => place.connection.client.unsafe<Row[]>('show transaction_read_only')
    const [row] = await runStatement(query, { limit, on: carrier(place) })
    if (row?.transaction_read_only === 'on')
      throw Object.assign(new Error('this server takes no writes'), { code: '25006' })
    pool.answered(place)
  }

  /** What an error says of the connection, and of all. */
  function learn(error: unknown, place: Place<Sql>): void {
    if (isReadOnly(error)) {
      opened.get(place.connection.client)?.refused(error as Error)
      pool.retire(place)
      // They lead there too, or to a server that follows it; what is opened now leads elsewhere, if there is another.
      pool.retireAll()
    }
    if (isPreparing && isUnprepared(error)) {
      isPreparing = false
      for (const client of opened.keys()) stopPreparing(client)
      bounds.onUnprepared?.()
    }
  }

  async function runOn(place: Place<Sql>, limit: number, query: () => Rows, text: string) {
    let left = limit
    let isRunning = false
    try {
      if (asksForRole && !place.connection.isOpen) {
        const asked = performance.now()
        await settle(place, limit)
        left = Math.max(0, limit - (performance.now() - asked))
      }
      isRunning = true
      const ended = () => pool.giveBack(place)
      const answered = () => pool.answered(place)
      return await runStatement(query, {
        limit: left,
        told: bounds.observe?.(text),
        on: carrier(place),
        answered,
        ended,
      })
    } catch (error) {
      learn(error, place)
      throw explain(error)
    } finally {
      if (!isRunning) pool.giveBack(place)
    }
  }

  /** On any connection. */
  const statement = (text: string, parameters: Parameters) =>
    lazy(async (shape) => {
      const { limit, spend } = claimTime(bounds.limit)
      const began = performance.now()
      const left = () => Math.max(0, limit - (performance.now() - began))
      try {
        for (let turn = 1; ; turn++) {
          const taken = pool.take(turn === 1 ? limit : left())
          const hasWaited = turn > 1 || taken instanceof Promise
          const place = taken instanceof Promise ? await taken : taken
          const wasPreparing = isPreparing
          const query = () => shape(place.connection.client.unsafe(text, parameters, { prepare: isPreparing }))
          try {
            return await runOn(place, hasWaited ? left() : limit, query, text)
          } catch (error) {
            const isElsewhere =
              (isReadOnly(error) && turn < hosts) || (isCancelled(error) && place.connection.isLeaving)
            const isAnew = isElsewhere || (wasPreparing && isUnprepared(error))
            if (!isAnew || turn === tries) throw error
          }
        }
      } catch (error) {
        if (!isConflict(error)) throw error
      } finally {
        spend()
      }
      return await transactions.run((tx) => shape(tx.unsafe(text, parameters) as Rows))
    })

  const transactions = createTransactions({
    pool,
    limit: bounds.limit,
    observe: bounds.observe,
    isPreparing: () => isPreparing,
    ...{ carrier, settle, learn, explain, onSilence, hosts },
  })

  const bound = {
    options: pool.first.options,
    unsafe: (text: string, parameters: Parameters = []) => statement(text, parameters),
    begin: transactions.run,
  } as unknown as Sql

  return { client: bound, pool: pool.state }
}
