import { AsyncLocalStorage } from 'node:async_hooks'

/** What is left of the milliseconds that a request may wait for the database. */
type Budget = { left: number }

const budgets = new AsyncLocalStorage<Budget>()

/** Lets all that `work` asks of the database take so many milliseconds in all: whoever waits for an answer doesn't wait without end. */
export const withDatabaseBudget = <Result>(milliseconds: number, work: () => Result): Result =>
  budgets.run({ left: milliseconds }, work)

/** How long the next statement may take, and how to say how long it took. `defaultTimeout`: for work that no request waits for. */
export function claimTime(defaultTimeout: number): { timeout: number; spend: () => void } {
  const budget = budgets.getStore()
  if (!budget) return { timeout: defaultTimeout, spend: () => undefined }
  const began = performance.now()
  return {
    timeout: budget.left,
    spend: () => {
      budget.left = Math.max(0, budget.left - (performance.now() - began))
    },
  }
}

/** A tenth is left for all else that an answer takes. */
export const databaseMilliseconds = ({ databaseTimeout }: { databaseTimeout: number }): number => databaseTimeout * 900
