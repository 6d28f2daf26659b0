import type { PendingQuery, Row, RowList, Sql, TransactionSql } from 'postgres'
import { claimTime } from './database-time.ts'
import { DatabaseTimeoutError } from './database-timeout-error.ts'
import { breaksConnection } from './driver.ts'
import { createPool, type Place } from './pool.ts'
import { grace, runStatement, type StatementOutcome } from './run-statement.ts'

export type Bounds = {
  connections: number
  /** Milliseconds for a statement that no request waits for. */
  limit: number
  /** Whether statements are prepared: half the round trips, but a name that a transaction pooler may not know. */
  prepare: boolean
  /** A statement that was begun at `time` (of `performance.now()`) doesn't end, though it was cancelled: nobody is there. */
  onSilence?: ((time: number) => void) | undefined
  /** Told of each statement; the answer is told how it ended. */
  observe?: ((text: string) => (outcome: StatementOutcome) => void) | undefined
}

/** Statements under way on one connection: those sent together take fewer round trips and wake the server less often. */
export const pipelined = 4

/** Ours, and no statement that anybody asked for. */
const commitText = 'commit and chain'

type Parameters = NonNullable<globalThis.Parameters<Sql['unsafe']>[1]>
type Rows = PendingQuery<Row[]>
/** A transaction's connection. */
type Line = { isBroken: boolean }
type Work<Result> = (tx: TransactionSql) => Result | Promise<Result>

/**
 * One client over several that have one connection each, with bounds: a statement waits for a connection and for its answer only as long as its
 * request may wait, and then ends with `DatabaseTimeoutError`. What Drizzle calls, and no more: no transaction within a transaction.
 */
export function boundClient(open: (onClosed: () => void) => Sql, bounds: Bounds) {
  const { onSilence } = bounds
  const pool = createPool({ connections: bounds.connections, each: pipelined, open })

  const on = (place: Place<Sql>) => ({ answered: () => pool.answered(place), ended: () => pool.giveBack(place) })

  /** On any connection. */
  const statement = (text: string, parameters: Parameters) =>
    lazy(async (shape) => {
      const { limit, spend } = claimTime(bounds.limit)
      try {
        const asked = performance.now()
        const taken = pool.take(limit)
        const place = taken instanceof Promise ? await taken : taken
        const left = taken instanceof Promise ? Math.max(0, limit - (performance.now() - asked)) : limit
        const query = () => shape(place.connection.client.unsafe(text, parameters, { prepare: bounds.prepare }))
        return await runStatement(query, { limit: left, told: bounds.observe?.(text), onSilence, ...on(place) })
      } finally {
        spend()
      }
    })

  const statementOf = (tx: TransactionSql, line: Line, text: string, parameters: Parameters = []) =>
    lazy(async (shape) => {
      if (line.isBroken) throw new DatabaseTimeoutError('the connection is gone')
      const { limit, spend } = claimTime(bounds.limit)
      const told = text === commitText ? undefined : bounds.observe?.(text)
      const query = () => shape(tx.unsafe(text, parameters, { prepare: bounds.prepare }))
      try {
        return await runStatement(query, { limit, told, onSilence })
      } catch (error) {
        if (breaksConnection(error)) line.isBroken = true
        throw error
      } finally {
        spend()
      }
    })

  async function transaction<Result>(work: Work<Result>): Promise<Result> {
    const { limit, spend } = claimTime(bounds.limit)
    const asked = performance.now()
    let place: Place<Sql>
    try {
      place = await pool.take(limit, { isWhole: true })
    } catch (error) {
      spend()
      throw error
    }
    return new Promise<Result>((resolve, reject) => {
      const line: Line = { isBroken: false }
      let isLate = false
      let overdue: ReturnType<typeof setTimeout> | undefined
      // Until Postgres says that it began; its statements then have limits of their own.
      const timer = setTimeout(
        () => {
          isLate = true
          spend()
          reject(new DatabaseTimeoutError('no transaction could begin in time'))
          overdue = setTimeout(() => onSilence?.(asked), grace)
        },
        Math.max(0, limit - (performance.now() - asked)),
      )
      place.connection.client
        .begin(async (tx) => {
          pool.answered(place)
          clearTimeout(timer)
          clearTimeout(overdue)
          if (isLate) throw new DatabaseTimeoutError('nobody waits for this transaction any more')
          spend()
          try {
            const result = await work(boundTransaction(tx, line))
            await commit(tx, line)
            // What the driver still commits is empty: nobody need wait for a database that doesn't answer to that.
            resolve(result)
            return result
          } catch (error) {
            // Nor until it's undone, which it will be, now that it isn't committed.
            reject(error)
            // The driver would send its rollback to a connection that is gone, which ends the process, or to the one that takes its place,
            // where it ends another's transaction. It has rejected `begin` already, and waits for nothing.
            if (line.isBroken) return new Promise<never>(() => undefined)
            throw error
          }
        })
        .finally(() => {
          // It may have ended under a work that goes on.
          line.isBroken = true
          clearTimeout(timer)
          clearTimeout(overdue)
          pool.giveBack(place)
        })
        // What has ended above has ended already.
        .then((result) => resolve(result as Result), reject)
    })
  }

  /**
   * Commits, or throws. The driver's own commit is a prepared statement: where a pooler has changed the connection under it that fails, and
   * with it the transaction, which the driver then commits again without an error, and all is lost. So it's left an empty one to commit.
   */
  async function commit(tx: TransactionSql, line: Line): Promise<void> {
    const { command } = (await statementOf(tx, line, commitText)) as RowList<Row[]>
    if (command !== 'COMMIT') throw new Error('the transaction was not committed')
  }

  const boundTransaction = (tx: TransactionSql, line: Line) =>
    ({
      unsafe: (text: string, parameters?: Parameters) => statementOf(tx, line, text, parameters),
    }) as unknown as TransactionSql

  const bound = {
    options: pool.first.options,
    unsafe: (text: string, parameters: Parameters = []) => statement(text, parameters),
    begin: transaction,
  } as unknown as Sql

  return { client: bound, pool: pool.state }
}

/** A statement begins when somebody asks for its rows, as the driver's own do. */
const lazy = (begin: (shape: (query: Rows) => Rows) => Promise<Row[]>) => ({
  values: () => begin((query) => query.values() as unknown as Rows),
  // biome-ignore lint/suspicious/noThenProperty: a statement is awaited, as the driver's own is.
  then: (...settled: globalThis.Parameters<Promise<Row[]>['then']>) => begin((query) => query).then(...settled),
})
