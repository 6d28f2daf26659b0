import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'
import { migrateDatabase } from '../../src/postgres/migrate/migrate-database.ts'
import { migrationsFolder } from '../../src/server/paths.ts'
import { superuserUrl } from '../support/superuser-url.ts'

export type BenchPostgres = Awaited<ReturnType<typeof openBenchPostgres>>

/** A migrated Postgres of the bench's own, with the settings of the server's own; it can count statements. */
export async function openBenchPostgres() {
  const folder = await mkdtemp(join(tmpdir(), 'swob-bench-'))
  const first = await openEmbeddedPostgres({ folder })
  const setUp = postgres(await superuserUrl(folder, first.url), { max: 1 })
  await setUp`alter system set shared_preload_libraries = 'pg_stat_statements'`
  await setUp.end()
  await first.close()

  const opened = await openEmbeddedPostgres({ folder })
  const { close } = opened
  const url = await superuserUrl(folder, opened.url)
  await migrateDatabase(url, migrationsFolder)
  const sql = postgres(url, { max: 2, onnotice: () => undefined })
  // It takes time of its own: only while statements are counted.
  await sql`alter system set pg_stat_statements.track = 'none'`
  await sql`alter system set pg_stat_statements.track_utility = off`
  await sql`create extension pg_stat_statements`
  await sql`select pg_reload_conf()`
  const pid = Number.parseInt(await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)
  return {
    url,
    sql,
    pid,
    async close(): Promise<void> {
      await sql.end({ timeout: 1 })
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
