import type { Row, RowList, Sql, TransactionSql } from 'postgres'
import { DatabaseTimeoutError, isCancelled, isReadOnly } from '../errors.ts'
import { claimTime } from './deadline.ts'
import type { Pool, Slot } from './pool.ts'
import { breaksConnection } from './quirks.ts'
import {
  type Carrier,
  type ClientOptions,
  graceMilliseconds,
  lazy,
  type Parameters,
  runStatement,
} from './run-statement.ts'

/** Whatever the server or the role has as its default: the code is written for it. */
const isolation = 'isolation level read committed'
/** Ours, and no statement that anybody asked for. */
const commitText = 'commit and chain'
/** So often a transaction that could not begin is begun elsewhere, while its time lasts. */
const maxAttempts = 4

type Options = Pick<ClientOptions, 'timeout' | 'observe'> & {
  pool: Pool<Sql>
  hosts: number
  isPreparing: () => boolean
  carrier: (slot: Slot<Sql>) => Carrier
  checkRole: (slot: Slot<Sql>, timeout: number) => Promise<void>
  handleError: (error: unknown, slot: Slot<Sql>) => void
  explain: (error: unknown) => unknown
  onSilence: (time: number) => void
}

type Work<Result> = (tx: TransactionSql) => Result | PromiseLike<Result>

/** It did not begin, and may on another connection. */
class ElsewhereError extends Error {}

export function createTransactions(options: Options) {
  const { pool, hosts, carrier, checkRole, handleError, explain, onSilence } = options

  /** A transaction's connection. It's broken once it was lost, whoever has heard of that yet. */
  type Hold = { slot: Slot<Sql>; losses: number; isOver: boolean }
  const isBroken = ({ slot, losses, isOver }: Hold) => isOver || slot.connection.losses !== losses

  const statement = (tx: TransactionSql, hold: Hold, text: string, parameters: Parameters = []) =>
    lazy(async (shape) => {
      if (isBroken(hold)) throw new DatabaseTimeoutError('the connection is gone')
      const { timeout, spend } = claimTime(options.timeout)
      const onOutcome = text === commitText ? undefined : options.observe?.(text)
      const query = () => shape(tx.unsafe(text, parameters, { prepare: options.isPreparing() }))
      try {
        return await runStatement(query, { timeout, onOutcome, carrier: carrier(hold.slot) })
      } catch (error) {
        if (breaksConnection(error)) hold.isOver = true
        handleError(error, hold.slot)
        throw explain(error)
      } finally {
        spend()
      }
    })

  /**
   * Commits, or throws. The driver's own commit is a prepared statement: where a pooler has changed the connection under it that fails, and
   * with it the transaction, which the driver then commits again without an error, and all is lost. So it's left an empty one to commit.
   */
  async function commit(tx: TransactionSql, hold: Hold): Promise<void> {
    const { command } = (await statement(tx, hold, commitText)) as RowList<Row[]>
    if (command !== 'COMMIT') throw new Error('the transaction was not committed')
  }

  const bind = (tx: TransactionSql, hold: Hold) =>
    ({
      unsafe: (text: string, parameters?: Parameters) => statement(tx, hold, text, parameters),
    }) as unknown as TransactionSql

  async function run<Result>(work: Work<Result>): Promise<Result> {
    const { timeout, spend } = claimTime(options.timeout)
    const began = performance.now()
    const left = () => Math.max(0, timeout - (performance.now() - began))
    let isBegun = false
    const begun = () => {
      isBegun = true
      spend()
    }
    try {
      for (let turn = 1; ; turn++) {
        const slot = await pool.acquire(left(), { isWhole: true })
        try {
          await checkRole(slot, left())
        } catch (error) {
          handleError(error, slot)
          pool.release(slot)
          if (turn < maxAttempts && isReadOnly(error) && turn < hosts) continue
          throw error
        }
        try {
          return await runOn(slot, left(), begun, work)
        } catch (error) {
          if (turn === maxAttempts || !(error instanceof ElsewhereError)) throw error
        }
      }
    } finally {
      if (!isBegun) spend()
    }
  }

  function runOn<Result>(slot: Slot<Sql>, timeout: number, begun: () => void, work: Work<Result>): Promise<Result> {
    const startedAt = performance.now()
    return new Promise<Result>((resolve, reject) => {
      const hold: Hold = { slot, losses: slot.connection.losses, isOver: false }
      let hasBegun = false
      let isLate = false
      let overdue: ReturnType<typeof setTimeout> | undefined
      // Until Postgres says that it began; its statements then have limits of their own.
      const timer = setTimeout(() => {
        isLate = true
        reject(new DatabaseTimeoutError('no transaction could begin in time'))
        // Others on the connection have limits of their own.
        overdue = setTimeout(() => slot.connection.statements === 1 && onSilence(startedAt), graceMilliseconds)
      }, timeout)
      const work_ = async (tx: TransactionSql) => {
        hasBegun = true
        clearTimeout(timer)
        clearTimeout(overdue)
        if (isLate) throw new DatabaseTimeoutError('nobody waits for this transaction any more')
        if (slot.connection.isRetiring) throw new ElsewhereError('a cancellation may come for this connection')
        pool.answered(slot)
        hold.losses = slot.connection.losses
        begun()
        try {
          const result = await work(bind(tx, hold))
          await commit(tx, hold)
          // What the driver still commits is empty: nobody need wait for a database that doesn't answer to that.
          resolve(result)
          return result
        } catch (error) {
          // Nor until it's undone, which it will be, now that it isn't committed.
          reject(error)
          // The driver would send its rollback to a connection that is gone, which ends the process, or to the one that takes its place,
          // where it ends another's transaction. It has rejected `begin` already, and waits for nothing.
          if (isBroken(hold)) return new Promise<never>(() => undefined)
          throw error
        }
      }
      slot.connection.client
        .begin(isolation, work_)
        .finally(() => {
          // It may have ended under a work that goes on.
          hold.isOver = true
          clearTimeout(timer)
          clearTimeout(overdue)
          pool.release(slot)
        })
        // What has ended above has ended already.
        .then(
          (result) => resolve(result as Result),
          (error: unknown) => {
            const isHit = !hasBegun && isCancelled(error) && slot.connection.isRetiring
            if (isHit) reject(new ElsewhereError('begin was cancelled', { cause: error }))
            else reject(hasBegun ? error : explain(error))
          },
        )
    })
  }

  return { run }
}
