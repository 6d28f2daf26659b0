import type { PendingQuery, Row, RowList, Sql } from 'postgres'
import { DatabaseTimeoutError } from '../errors.ts'
import { backendOf, discard } from './quirks.ts'

export type Parameters = NonNullable<globalThis.Parameters<Sql['unsafe']>[1]>
export type Rows = PendingQuery<Row[]>

export type ClientOptions = {
  connections: number
  /** Milliseconds for a statement that no request waits for. */
  timeout: number
  /** Whether statements are prepared: half the round trips, but a name that a transaction pooler may not know. */
  prepare: boolean
  /** Told of each statement; the answer is told how it ended. */
  observe?: ((text: string) => (outcome: StatementOutcome) => void) | undefined
  /** Statements aren't prepared any more: a pooler is in between that doesn't carry them. */
  onUnprepared?: (() => void) | undefined
}

/** How a statement ended: in time (with a result or an error of Postgres's own), or not. */
export type StatementOutcome = 'done' | 'failed' | 'late'

/** The connection that a statement runs on. */
export type Carrier = {
  /** No further statement is to be sent there: a cancellation may meet another than it was meant for. */
  retire(): void
  /** Asks the server to cancel the statement that it is at. Never rejects. */
  cancel(query: PendingQuery<Row[]>): Promise<void>
  /** The statement that was begun at `time` (of `performance.now()`) doesn't end, though it was cancelled: nobody is there. */
  silent(time: number): void
}

type StatementOptions = {
  /** Milliseconds. */
  timeout: number
  carrier: Carrier
  /** Told once. */
  onOutcome?: ((outcome: StatementOutcome) => void) | undefined
  /** Postgres answered. */
  onAnswered?: () => void
  /** The statement is over, maybe long after its promise. */
  onEnded?: () => void
}

/** Milliseconds that a cancelled statement may take to end. */
export const graceMilliseconds = 1000
const cancelIntervalMilliseconds = 250

/** Runs one statement; the promise settles within the limit, with a `DatabaseTimeoutError` if the statement doesn't, which then is cancelled. */
export function runStatement(
  query: () => PendingQuery<Row[]>,
  { timeout, carrier, onOutcome, onAnswered, onEnded }: StatementOptions,
): Promise<RowList<Row[]>> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const running = query()
    let isLate = false
    let firstCancelled: number | undefined
    let isCancelling = false
    const giveUp = () => {
      isLate = true
      onOutcome?.('late')
      reject(new DatabaseTimeoutError('no answer in time'))
      if (discard(running)) return
      carrier.retire()
      keepCancelling()
    }
    /** Again and again: a request that arrives between two messages of one statement is lost. Only while it's the one that its connection is at. */
    const keepCancelling = () => {
      timer = setTimeout(keepCancelling, cancelIntervalMilliseconds)
      if (!backendOf(running)) return
      firstCancelled ??= performance.now()
      if (performance.now() - firstCancelled > graceMilliseconds) carrier.silent(began)
      if (isCancelling) return
      isCancelling = true
      void carrier.cancel(running).then(() => {
        isCancelling = false
      })
    }
    let timer = setTimeout(giveUp, timeout)
    const settle = (outcome: StatementOutcome) => {
      clearTimeout(timer)
      if (!isLate) onOutcome?.(outcome)
      onEnded?.()
    }
    running.then(
      (rows) => {
        onAnswered?.()
        settle('done')
        resolve(rows)
      },
      (error: unknown) => {
        settle('failed')
        reject(error)
      },
    )
  })
}

/** A statement begins when somebody asks for its rows, as the driver's own do. */
export const lazy = (begin: (shape: (query: Rows) => Rows) => Promise<Row[]>) => ({
  values: () => begin((query) => query.values() as unknown as Rows),
  // biome-ignore lint/suspicious/noThenProperty: a statement is awaited, as the driver's own is.
  then: (...settled: globalThis.Parameters<Promise<Row[]>['then']>) => begin((query) => query).then(...settled),
})
