import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchPostgres } from './open-bench-postgres.ts'

/**
 * The SQL statements that `action` makes, as Postgres tells them apart, each as often as it was made; `begin` and `commit` don't count, nor does
 * what the jobs ask every few seconds. Nothing else may use the database meanwhile.
 */
export async function watchStatements({ sql }: BenchPostgres, action: () => Promise<unknown>): Promise<string[]> {
  // Open connections follow the setting when they run their next statement.
  await track(sql, 'top')
  await sql`select pg_stat_statements_reset()`
  await action()
  const made = await sql<{ id: string; calls: number }[]>`
    select queryid::text as id, calls::int as calls from pg_stat_statements
    where query not like '%pg_stat_statements%' and query not like 'update revocations%' order by queryid`
  await track(sql, 'none')
  return made.flatMap(({ id, calls }) => Array<string>(calls).fill(id))
}

async function track(sql: BenchPostgres['sql'], which: 'top' | 'none') {
  await sql.unsafe(`alter system set pg_stat_statements.track = '${which}'`)
  await sql`select pg_reload_conf()`
  // Postgres tells its backends by a signal.
  await sleep(100)
}
