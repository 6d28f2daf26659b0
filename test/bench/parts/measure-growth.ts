import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { sha256 } from '../../../src/crypto/sha256.ts'
import { checkReadiness } from '../../../src/maintenance/check-readiness.ts'
import { purgeExpired } from '../../../src/maintenance/purge-expired.ts'
import { watchCodes } from '../../../src/maintenance/watch-codes.ts'
import { migrateDatabase } from '../../../src/postgres/migrate/migrate-database.ts'
import { migrationsFolder } from '../../../src/server/paths.ts'
import { runRevocations } from '../../../src/vault/run-revocations.ts'
import { type Filling, filledToken, fillTables } from '../../support/fill-tables.ts'
import { findScans } from '../../support/find-scans.ts'
import { walkOperations, walkRefusals } from '../../support/walk-operations.ts'
import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import { openWalker } from '../open-walker.ts'
import { type Account, userAgent, writeRequests } from '../seed-accounts.ts'

/** As many sessions as take turns: all of the small database's, and some from everywhere in the large one. */
const used = 5000
const small: Filling = { users: 1000, sessions: used, grants: 1000, others: 1000 }

/** What a thousand times as many people cost: the same reads over a small and a large database, and how Postgres finds rows in the latter. */
export async function measureGrowth(bench: Bench, large: Filling): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-bench-growth-'))
  const [few, many] = [await openFilled('few', small), await openFilled('many', large)]
  const [share, p50, p50OfFew]: [number[], number[], number[]] = [[], [], []]
  try {
    for (const { read } of [few, many]) await read()
    for (let round = 0; round < bench.rounds; round++) {
      const [little, much] = [await few.read(), await many.read()]
      share.push(much.p50 / little.p50)
      p50.push(much.p50 / 1000)
      p50OfFew.push(little.p50 / 1000)
    }
    const [size] = await many.sql<{ gib: number }[]>`
      select pg_database_size(current_database()) / 1024.0 ^ 3 as gib`
    const scans = await findScans(many.sql, await statementsOf(many.url))
    for (const { table, statement } of scans) process.stderr.write(`reads all of ${table}: ${statement}\n`)
    return [
      figure(`GET dashboard: p50 with ${large.users} users, in that with ${small.users}`, share, '', { atMost: 1.2 }),
      figure(
        `GET dashboard: p50 with ${large.users} users, ${large.sessions} sessions, ${large.grants} grants`,
        p50,
        'ms',
      ),
      figure(`GET dashboard: p50 with ${small.users} users`, p50OfFew, 'ms'),
      figure(`database of ${large.users} users: size`, [Number(size?.gib)], 'GiB'),
      figure('statements that read all of a table that grows', [scans.length], '', { atMost: 0 }),
    ]
  } finally {
    await Promise.all([few.close(), many.close()])
    await rm(folder, { recursive: true, force: true })
  }

  async function openFilled(name: string, filling: Filling) {
    await bench.postgres.sql`create database ${bench.postgres.sql(name)}`
    const url = Object.assign(new URL(bench.postgres.url), { pathname: `/${name}` }).href
    await migrateDatabase(url, migrationsFolder)
    const sql = postgres(url, { max: 1, onnotice: () => undefined })
    await fillTables(sql, filling, userAgent)
    await sql`checkpoint`
    const requests = join(folder, name)
    await mkdir(requests)
    const { dashboard: file } = await writeRequests(requests, await usedAccounts(sql, filling))
    const server = await bench.startServer({ DATABASE_URL: url })
    return {
      url,
      sql,
      read: () => runWrk({ url: server.url, file, seconds: bench.seconds, connections: 32 }),
      async close() {
        await Promise.all([server.stop(), sql.end()])
      },
    }
  }
}

async function usedAccounts(sql: postgres.Sql, { sessions }: Filling): Promise<Account[]> {
  const stride = Math.max(1, Math.floor(sessions / used))
  const tokens = await Promise.all(
    Array.from({ length: Math.min(used, sessions) }, (_, n) => filledToken(1 + n * stride)),
  )
  const byHash = new Map(await Promise.all(tokens.map(async (token) => [await sha256(token), token] as const)))
  // Filling takes longer than a session may go without being renewed, and a renewal would be measured.
  const live = await sql<{ hash: string; uid: string }[]>`
    update sessions set expires_at = now() + interval '2 hours' where id_hash = any(${[...byHash.keys()]})
    returning id_hash as hash, user_id as uid`
  return live.map(({ hash, uid }) => ({ uid, token: byHash.get(hash) ?? '', phoneNumber: '', address: '198.18.0.1' }))
}

/** Every statement of a walk through all operations, their refusals, jobs and purges. */
async function statementsOf(databaseUrl: string): Promise<Set<string>> {
  const statements = new Set<string>()
  const { person, services, close } = await openWalker(databaseUrl, (text) => statements.add(text))
  try {
    await walkOperations(person(), (_, action) => action())
    await walkRefusals(person)
    await runRevocations(services)
    await purgeExpired(services)
    await watchCodes(services)
    await checkReadiness(services)
  } finally {
    await close()
  }
  return statements
}
