import { appendFileSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import { type Config, readConfig } from '../config/config.ts'
import { createRedactor } from '../config/redact.ts'
import { checkReadiness } from '../maintenance/check-readiness.ts'
import { recheckKeys } from '../maintenance/keys-fit.ts'
import { databaseMilliseconds, withDatabaseBudget } from '../postgres/client/deadline.ts'
import { probePreparedStatements } from '../postgres/client/probe-prepared-statements.ts'
import { waitForDatabase } from '../postgres/client/wait-for-database.ts'
import { isMigrated, migrateDatabase } from '../postgres/migrate/migrate-database.ts'
import { parseDatabaseUrl } from '../postgres/url/parse-database-url.ts'
import type { Services } from '../services.ts'
import { addressOf } from './http/host.ts'
import { createJobLoop } from './job-loop.ts'
import { keyRingOf } from './key-ring-of.ts'
import { createLog } from './log.ts'
import { openServices } from './open-services.ts'
import { openTelemetry } from './open-telemetry.ts'
import { migrationsFolder, readVersion } from './paths.ts'

/** Before that, requests that waited for the start find a connection free: what nobody waits for comes later. */
const jobStartDelayMilliseconds = 500

const write = (line: string) => void process.stdout.write(`${line}\n`)

/**
 * Opens all that a server on a machine of its own needs: database (our own unless DATABASE_URL), migrations, keys, platforms (the sandbox's
 * if so set), services and the job loop. What was opened is closed again if a later step fails.
 */
export async function openLocalServices(config: Config) {
  const redact = createRedactor(config.secrets)
  const returnOrigin = returnOriginOf(config)
  const log = createLog({ level: config.logLevel, json: config.production, redact, write })
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    const failures: unknown[] = []
    for (const closer of closers.splice(0).reverse()) await closer().catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  try {
    const { url: databaseUrl, hasDisk } = config.databaseUrl
      ? { url: config.databaseUrl, hasDisk: undefined }
      : await openOwnDatabase()
    const sandbox = config.sandbox ? await openSandbox() : undefined
    const target = parseDatabaseUrl(databaseUrl)
    for (const warning of target.warnings) log.warn(`DATABASE_URL ${warning}`)
    const telemetry = await openTelemetry(config, { databaseUrl, log })
    closers.push(telemetry.close)
    const jobs = createJobLoop()
    const { services, close: closeServices } = openServices(config, {
      databaseUrl,
      pool: config.databasePool,
      keyRing: keyRingOf(config),
      platforms: sandbox?.credentials ?? config.platforms,
      log,
      observer: telemetry.observer,
      write: showSms,
      wakeJobs: jobs.wake,
    })
    telemetry.observer?.readiness(() =>
      withDatabaseBudget(databaseMilliseconds(config), () => checkReadiness(services)),
    )
    closers.push(closeServices)
    await waitForDatabase(services.db, { target, log })
    const migrationsApplied = (await isMigrated(services.db, migrationsFolder))
      ? 0
      : await migrateDatabase(databaseUrl, migrationsFolder)
    if (config.databasePrepare) await probePreparedStatements(services.db)
    // Before the first request is taken. While that can't be known, whoever writes has to wait for it.
    await recheckKeys(services).catch(() => undefined)
    const jobStart = setTimeout(() => jobs.start(services), jobStartDelayMilliseconds)
    closers.push(async () => {
      clearTimeout(jobStart)
      await jobs.stop()
    })
    const describe = async () => ({
      version: readVersion(),
      postgresVersion: await readPostgresVersion(services),
      migrationsApplied,
    })
    return { services, log, sandbox, hasDisk, describe, returnOrigin, close }
  } catch (error) {
    await close()
    throw error
  }

  async function openOwnDatabase() {
    // With DATABASE_URL none of it is read.
    const { openEmbeddedPostgres } = await import('../postgres/embedded/open-embedded-postgres.ts')
    const opened = await openEmbeddedPostgres({ folder: resolve(config.dataFolder, 'postgres'), log })
    closers.push(opened.close)
    return opened
  }

  /** Development's phones: the console, and a file for scripts to read codes from. */
  function showSms(line: string): void {
    write(line)
    mkdirSync(config.dataFolder, { recursive: true })
    appendFileSync(resolve(config.dataFolder, 'sms.txt'), `${line}\n`, { mode: 0o600 })
  }

  async function openSandbox() {
    const { startSandbox } = await import('../sandbox/start-sandbox.ts')
    const sandbox = await startSandbox({
      redirectUris: (platform, protocol) =>
        [...config.settings.origins, ...(returnOrigin ? [returnOrigin] : [])].map(
          (origin) => `${origin}/platforms/${platform}/protocols/${protocol}/redirect_codes/`,
        ),
    })
    closers.push(sandbox.close)
    return sandbox
  }
}

/** Where the sandbox sends people back to: a page of this server's, unless ORIGINS names a frontend that has one. */
function returnOriginOf({ sandbox, docs, host, port, settings }: Config): string | undefined {
  const isDefault = settings.origins.join() === readConfig({}).settings.origins.join()
  return sandbox && docs && isDefault && port > 0 ? `http://${addressOf(host, port)}` : undefined
}

async function readPostgresVersion({ db }: Services): Promise<string | undefined> {
  const rows = await db.execute<{ server_version: string }>(sql`show server_version`).catch(() => [])
  return rows[0]?.server_version.split(' ')[0]
}
