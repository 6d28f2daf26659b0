import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRedactor } from '../config/redact.ts'
import { ConfigError, readConfig } from '../config.ts'
import type { Services } from '../services.ts'
import { createLog } from './create-log.ts'
import { openEmbeddedPostgres } from './embedded-postgres/open-embedded-postgres.ts'
import { keyRingOf } from './key-ring-of.ts'
import { openServices } from './open-services.ts'

const connections = 8

/** What a command prints goes to standard output; what is wrong, and the log, to standard error. */
export type Print = (line: string) => void

const print: Print = (line) => void process.stdout.write(`${line}\n`)
const complain = (line: string) => void process.stderr.write(`${line}\n`)

/**
 * The life of an operator's command: settings, database and keys as the server has them, on any machine that has them too. Migrates nothing and
 * runs no job. `command` resolves to the process's exit code.
 */
export async function runCommand(command: (services: Services, print: Print) => Promise<number>): Promise<void> {
  const closers: (() => Promise<void>)[] = []
  let redact = createRedactor([])
  try {
    if (existsSync('.env')) process.loadEnvFile?.('.env')
    const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
    redact = createRedactor(config.secrets)
    const log = createLog({ level: 'warn', json: config.production, redact, write: complain })
    const databaseUrl = config.databaseUrl ?? (await openOwnDatabase())
    const { services, close } = openServices(config, {
      databaseUrl,
      pool: connections,
      keyRing: keyRingOf(config),
      platforms: config.platforms,
      log,
      write: complain,
      wakeJobs: () => undefined,
    })
    closers.push(close)
    process.exitCode = await command(services, print)

    async function openOwnDatabase(): Promise<string> {
      const { url, close } = await openEmbeddedPostgres({ folder: resolve(config.dataFolder, 'postgres'), log })
      closers.push(close)
      return url
    }
  } catch (error) {
    complain(redact(explain(error)))
    process.exitCode = 1
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

export const isUuid = (value: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)

/** Without a query's parameters, which hold people's values. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'The command failed.'
  const hint = 'code' in cause && cause.code === '42P01' ? ' (start the server once: it prepares the database)' : ''
  return `The command failed: ${cause.message}${hint}`
}
