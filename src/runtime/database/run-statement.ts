import type { PendingQuery, Row, RowList } from 'postgres'
import { DatabaseTimeoutError } from './database-timeout-error.ts'
import { cancel } from './driver.ts'

/** How a statement ended: in time (with a result or an error of Postgres's own), or not. */
export type StatementOutcome = 'done' | 'failed' | 'late'

type Bounded = {
  /** Milliseconds. */
  limit: number
  /** Told once. */
  told?: ((outcome: StatementOutcome) => void) | undefined
  /** Postgres answered. */
  answered?: () => void
  /** The statement is over, maybe long after its promise. */
  ended?: () => void
  /** It was begun at `time` (of `performance.now()`) and doesn't end, though it was cancelled: nobody is there. */
  onSilence?: ((time: number) => void) | undefined
}

/** Milliseconds that a cancelled statement may take to end. */
export const grace = 1000
const cancelEvery = 250

/** Runs one statement; the promise settles within the limit, with a `DatabaseTimeoutError` if the statement doesn't, which then is cancelled. */
export function runStatement(
  query: () => PendingQuery<Row[]>,
  { limit, told, answered, ended, onSilence }: Bounded,
): Promise<RowList<Row[]>> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const running = query()
    let isLate = false
    const giveUp = () => {
      isLate = true
      told?.('late')
      reject(new DatabaseTimeoutError('no answer in time'))
      keepCancelling()
    }
    const keepCancelling = () => {
      if (performance.now() - began > limit + grace) onSilence?.(began)
      cancel(running)
      timer = setTimeout(keepCancelling, cancelEvery)
    }
    let timer = setTimeout(giveUp, limit)
    const settle = (outcome: StatementOutcome) => {
      clearTimeout(timer)
      if (!isLate) told?.(outcome)
      ended?.()
    }
    running.then(
      (rows) => {
        answered?.()
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
