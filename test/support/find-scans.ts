import type { Sql } from 'postgres'

type Plan = {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  Filter?: string
  Plans?: Plan[]
}
type Scan = { table: string; statement: string }

/** Tables that hold more the more people there are, or the longer the server runs. */
const growing: ReadonlySet<string> = new Set([
  ...['users', 'sessions', 'grants', 'signups', 'codes', 'pending_authorizations', 'revocations', 'code_waits'],
  ...[
    'send_decisions',
    'send_denials',
    'hidden_sends',
    'password_tries',
    'audit_events',
    'recovery_slots',
    'limit_counts',
  ],
])

/**
 * The statements that read all rows of a table that grows, or may: they have no condition to find rows by an index, nor an index that holds but
 * some of them, nor do they take so many of an index and no more. Planned as prepared statements are, for whatever parameters, and not run.
 */
export async function findScans(sql: Sql, statements: Iterable<string>): Promise<Scan[]> {
  const partial = await sql<{ name: string }[]>`
    select indexrelid::regclass::text as name from pg_index where indpred is not null`
  const partialIndexes = new Set(partial.map(({ name }) => name))
  const scans: Scan[] = []
  for (const statement of statements) {
    // A block has no plan.
    if (statement.startsWith('do $$')) continue
    const [row] = await sql.unsafe<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `explain (generic_plan, format json) ${statement}`,
    )
    for (const table of row ? scansOf(row['QUERY PLAN'][0].Plan, partialIndexes) : []) scans.push({ table, statement })
  }
  return scans
}

function scansOf(plan: Plan, partialIndexes: ReadonlySet<string>, above?: Plan): string[] {
  const table = plan['Relation Name'] ?? ''
  const index = plan['Index Name'] ?? ''
  const takesSome = above?.['Node Type'] === 'Limit' && index !== '' && !plan.Filter
  const isFound = plan['Index Cond'] ?? plan['Recheck Cond'] ?? (partialIndexes.has(index) || takesSome)
  const isScan = /^(Seq|Index|Index Only|Bitmap Heap) Scan$/.test(plan['Node Type'])
  const own = isScan && !isFound && growing.has(table) ? [table] : []
  return [...own, ...(plan.Plans ?? []).flatMap((below) => scansOf(below, partialIndexes, plan))]
}
