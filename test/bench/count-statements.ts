import type { BenchPostgres } from './open-bench-postgres.ts'

/** How many SQL statements `deed` makes; `begin` and `commit` don't count. Nothing else may use the database meanwhile. */
export async function countStatements({ sql }: BenchPostgres, deed: () => Promise<unknown>): Promise<number> {
  // The setting reaches connections that are open when they run their next statement.
  await track(sql, 'top')
  await sql`select pg_stat_statements_reset()`
  await deed()
  const [counted] = await sql<{ calls: number }[]>`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query not like '%pg_stat_statements%'`
  await track(sql, 'none')
  return counted?.calls ?? Number.NaN
}

async function track(sql: BenchPostgres['sql'], which: 'top' | 'none') {
  await sql.unsafe(`alter system set pg_stat_statements.track = '${which}'`)
  await sql`select pg_reload_conf()`
  await new Promise((resolve) => setTimeout(resolve, 100))
}
