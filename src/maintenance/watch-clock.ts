import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'

/** Less than platforms forgive in what is signed, more than an answer of the database takes. */
const toleranceSeconds = 60

/**
 * Says so when this machine's clock is another than the database's. The database's decides all that is decided here; by this one go the log,
 * TLS, and the signatures of Twitter's OAuth 1.0a, which Twitter refuses when they are five minutes off. The answer: seconds ahead.
 */
export async function watchClock({ db, log }: Pick<Services, 'db' | 'log'>): Promise<number> {
  const [row] = await db.execute<{ now: number }>(sql`select extract(epoch from clock_timestamp())::float8 as now`)
  const secondsAhead = Math.round(Date.now() / 1000 - (row?.now ?? Number.NaN))
  if (Math.abs(secondsAhead) > toleranceSeconds)
    log.error("this machine's clock and the database's differ; synchronize them", { secondsAhead })
  return secondsAhead
}
