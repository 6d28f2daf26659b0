import type { Sql } from 'postgres'

type Plan = {
  'Node Type': string
  'Relation Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  Plans?: Plan[]
}
type Scan = { table: string; statement: string }

/** Tables that hold more the more people there are, or the longer the server runs. */
const growing: ReadonlySet<string> = new Set([
  ...['users', 'sessions', 'grants', 'signups', 'codes', 'pending_authorizations', 'revocations', 'code_waits'],
  ...['send_decisions', 'password_tries', 'audit_events'],
])

/**
 * The statements that read all rows of a table that grows, or may: they have no condition to find rows by an index. Planned as prepared
 * statements are, for whatever parameters, and not run.
 */
export async function findScans(sql: Sql, statements: Iterable<string>): Promise<Scan[]> {
  const scans: Scan[] = []
  for (const statement of statements) {
    const [row] = await sql.unsafe<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `explain (generic_plan, format json) ${statement}`,
    )
    for (const table of row ? scansOf(row['QUERY PLAN'][0].Plan) : []) scans.push({ table, statement })
  }
  return scans
}

function scansOf(plan: Plan): string[] {
  const table = plan['Relation Name'] ?? ''
  const isFound = plan['Index Cond'] ?? plan['Recheck Cond']
  const isScan = /^(Seq|Index|Index Only|Bitmap Heap) Scan$/.test(plan['Node Type'])
  const own = isScan && !isFound && growing.has(table) ? [table] : []
  return [...own, ...(plan.Plans ?? []).flatMap(scansOf)]
}
