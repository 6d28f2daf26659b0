import { sql } from 'drizzle-orm'
import type { Database } from '../database.ts'
import { withDatabaseBudget } from './deadline.ts'

const timeoutMilliseconds = 3000
const transactions = 8
const rounds = 3

/**
 * Lets a pooler lose prepared statements before a request meets it, so that the client gives them up. Postgres itself is known by the number of its
 * process, which is that of the connection; a pooler that carries prepared statements passes, and keeps them.
 */
export async function probePreparedStatements(db: Database): Promise<void> {
  await withDatabaseBudget(timeoutMilliseconds, async () => {
    const found = await db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    const { state } = found as unknown as { state?: { pid?: number } }
    if (found[0]?.pid === state?.pid) return
    const transact = () =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select ${1}::int`)
        // Long enough for the others to need other connections of the pooler's.
        await tx.execute(sql`select pg_sleep(${0.02}::float8)`)
      })
    for (let round = 0; round < rounds; round++)
      await Promise.allSettled(Array.from({ length: transactions }, transact))
  }).catch(() => undefined)
}
