import type { Database } from './database.ts'

/**
 * Runs `work` in one transaction, with the same services but for `db`, which is the transaction: whatever is given these services is part of it,
 * and is undone with it when `work` throws.
 */
export const inTransaction = <Services extends { db: Database }, Result>(
  services: Services,
  work: (within: Services) => Promise<Result>,
): Promise<Result> => services.db.transaction((db) => work({ ...services, db }))
