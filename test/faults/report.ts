import { appendFileSync, mkdirSync } from 'node:fs'
import type { Verdict } from './check-users.ts'
import type { Journal } from './simulate-users.ts'

/** `full`: as many rounds as `npm run test:faults` wants; in CI a few show that all of it works. */
export const isFull = process.env.FAULTS === 'full'
export const rounds = (full: number, few: number) => (isFull ? full : few)

export const rowsFile = 'dist/faults/rows.jsonl'

export type Row = {
  fault: string
  rounds: number
  sent: number
  acknowledged: number
  unanswered: number
  answered5xx: number
  users: number
  lost: number
  halfDone: number
  /** Milliseconds from the fault's end to the next answer: median and most. */
  recovery: string
}

/** Writes down what a fault did, for the table at the end. */
export function report(
  fault: string,
  journal: Journal,
  verdict: Verdict,
  { recoveries = [], rounds = recoveries.length }: { recoveries?: number[]; rounds?: number } = {},
): void {
  if (!isFull) return
  const sorted = recoveries.toSorted((first, second) => first - second)
  const row: Row = {
    fault,
    rounds,
    sent: journal.sent,
    acknowledged: journal.acknowledged,
    unanswered: journal.broken,
    answered5xx: [...journal.refused.values()].reduce((sum, count) => sum + count, 0),
    users: journal.users.length,
    lost: verdict.lost.length,
    halfDone: verdict.halfDone.length,
    recovery: sorted.length > 0 ? `${sorted[Math.floor(sorted.length / 2)]} (${sorted.at(-1)}) ms` : '',
  }
  mkdirSync('dist/faults', { recursive: true })
  appendFileSync(rowsFile, `${JSON.stringify(row)}\n`)
}
