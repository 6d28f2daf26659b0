import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'
import { migrateDatabase } from '../../src/postgres/migrate/migrate-database.ts'
import { superuserUrl } from './superuser-url.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's own database; each world gets one of its own beside it. */
    postgresUrl: string
  }
}

/** One real Postgres for the whole run, with a migrated template that each world clones. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-test-'))
  const opened = await openEmbeddedPostgres({ folder, durable: false })
  const { close } = opened
  const url = await superuserUrl(folder, opened.url)
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  await client`create database migrated`
  await client.end()
  await migrateDatabase(Object.assign(new URL(url), { pathname: '/migrated' }).href, 'drizzle')
  project.provide('postgresUrl', url)
  return async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  }
}
