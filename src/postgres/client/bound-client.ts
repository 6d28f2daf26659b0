import type { PendingQuery, Row, Sql } from 'postgres'
import { isCancelled, isConflict, isReadOnly, isUnprepared } from '../errors.ts'
import { claimTime } from './deadline.ts'
import { createPool, type Slot } from './pool.ts'
import { stopPreparing } from './quirks.ts'
import { type Carrier, type ClientOptions, lazy, type Parameters, type Rows, runStatement } from './run-statement.ts'
import { createTransactions } from './transaction.ts'

/** One connection of the pool. */
export type ClientConnection = {
  client: Sql
  answered(): void
  close(): boolean
  /** It leads to a server that takes no writes. */
  refused(error: Error): void
  cancel(query: PendingQuery<Row[]>): Promise<void>
}

export type Environment = {
  open: (onClosed: () => void) => ClientConnection
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
export const pipelineDepth = 4

/** So often a statement that did nothing is tried elsewhere, while its time lasts. */
const maxAttempts = 4

/**
 * One client over several that have one connection each, with bounds: a statement waits for a connection and for its answer only as long as its
 * request may wait, and then ends with `DatabaseTimeoutError`. What Drizzle calls, and no more: no transaction within a transaction.
 */
export function createBoundedClient(environment: Environment, bounds: ClientOptions) {
  const { open, hosts, asksForRole, onSilence, explain = (error: unknown) => error } = environment
  const opened = new Map<Sql, ClientConnection>()
  let isPreparing = bounds.prepare
  const pool = createPool({
    connections: bounds.connections,
    slotsPerConnection: pipelineDepth,
    open: (onClosed) => {
      const connection = open(onClosed)
      opened.set(connection.client, connection)
      return connection
    },
  })

  const carrier = (slot: Slot<Sql>): Carrier => ({
    retire: () => pool.retire(slot),
    cancel: (query) => opened.get(slot.connection.client)?.cancel(query) ?? Promise.resolve(),
    silent: (time) => {
      onSilence(time)
      slot.connection.close()
    },
  })

  /** Whether the slot's server takes writes, where that is asked. Rejects if not, so that the next connection leads elsewhere. */
  async function checkRole(slot: Slot<Sql>, timeout: number): Promise<void> {
    if (!asksForRole || slot.connection.isOpen) return
    const query = () => slot.connection.client.unsafe<Row[]>('show transaction_read_only')
    const [row] = await runStatement(query, { timeout, carrier: carrier(slot) })
    if (row?.transaction_read_only === 'on')
      throw Object.assign(new Error('this server does not accept writes'), { code: '25006' })
    pool.answered(slot)
  }

  /** What an error says of the connection, and of all. */
  function handleError(error: unknown, slot: Slot<Sql>): void {
    if (isReadOnly(error)) {
      opened.get(slot.connection.client)?.refused(error as Error)
      pool.retire(slot)
      // They lead there too, or to a server that follows it; what is opened now leads elsewhere, if there is another.
      pool.retireAll()
    }
    if (isPreparing && isUnprepared(error)) {
      isPreparing = false
      for (const client of opened.keys()) stopPreparing(client)
      bounds.onUnprepared?.()
    }
  }

  async function runOn(slot: Slot<Sql>, timeout: number, query: () => Rows, text: string) {
    let left = timeout
    let isRunning = false
    try {
      if (asksForRole && !slot.connection.isOpen) {
        const startedAt = performance.now()
        await checkRole(slot, timeout)
        left = Math.max(0, timeout - (performance.now() - startedAt))
      }
      isRunning = true
      const onEnded = () => pool.release(slot)
      const onAnswered = () => pool.answered(slot)
      return await runStatement(query, {
        timeout: left,
        onOutcome: bounds.observe?.(text),
        carrier: carrier(slot),
        onAnswered,
        onEnded,
      })
    } catch (error) {
      handleError(error, slot)
      throw explain(error)
    } finally {
      if (!isRunning) pool.release(slot)
    }
  }

  /** On any connection. */
  const statement = (text: string, parameters: Parameters) =>
    lazy(async (shape) => {
      const { timeout, spend } = claimTime(bounds.timeout)
      const began = performance.now()
      const left = () => Math.max(0, timeout - (performance.now() - began))
      try {
        for (let turn = 1; ; turn++) {
          const taken = pool.acquire(turn === 1 ? timeout : left())
          const hasWaited = turn > 1 || taken instanceof Promise
          const slot = taken instanceof Promise ? await taken : taken
          const wasPreparing = isPreparing
          const query = () => shape(slot.connection.client.unsafe(text, parameters, { prepare: isPreparing }))
          try {
            return await runOn(slot, hasWaited ? left() : timeout, query, text)
          } catch (error) {
            const isElsewhere =
              (isReadOnly(error) && turn < hosts) || (isCancelled(error) && slot.connection.isRetiring)
            const isAnew = isElsewhere || (wasPreparing && isUnprepared(error))
            if (!isAnew || turn === maxAttempts) throw error
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
    timeout: bounds.timeout,
    observe: bounds.observe,
    isPreparing: () => isPreparing,
    ...{ carrier, checkRole, handleError, explain, onSilence, hosts },
  })

  const bound = {
    options: pool.first.options,
    unsafe: (text: string, parameters: Parameters = []) => statement(text, parameters),
    begin: transactions.run,
  } as unknown as Sql

  return { client: bound, pool: pool.state }
}
