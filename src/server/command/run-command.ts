import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Config, ConfigError, readConfig } from '../../config/config.ts'
import { createRedactor } from '../../config/redact.ts'
import { NoDataError, switchToFolderUser } from '../../postgres/embedded/home.ts'
import { openEmbeddedPostgres } from '../../postgres/embedded/open-embedded-postgres.ts'
import { DatabaseConnectError, messageOfRoot, rootOf } from '../../postgres/errors.ts'
import { describeDatabase } from '../../postgres/url/parse-database-url.ts'
import type { Log, Services } from '../../services.ts'
import { BackupError } from '../backup/backup-file.ts'
import { keyRingOf } from '../key-ring-of.ts'
import { createLog } from '../log.ts'
import { openServices } from '../open-services.ts'
import { loadSettingsFile } from '../settings-file.ts'
import { type CommandProcess, type Print, runProcess } from './command-process.ts'

export type { Print } from './command-process.ts'

const connections = 8

/**
 * The life of an operator's command: settings, database and keys as the server has them, on any machine that has them too. Makes no database and no
 * keys, migrates nothing and runs no job. `command` resolves to the process's exit code.
 */
export const runCommand = (command: (services: Services, print: Print) => Promise<number>): Promise<void> =>
  runWithDatabase(async (opened) => {
    const { config, databaseUrl, print, printError, closers, log } = opened
    const { services, close } = openServices(config, {
      databaseUrl,
      pool: connections,
      keyRing: keyRingOf(config, { create: false }),
      platforms: config.platforms,
      log,
      write: printError,
      wakeJobs: () => undefined,
    })
    closers.push(close)
    return command(services, print)
  })

type WithSettings = CommandProcess & {
  config: Config
  log: Log
  /** The server's database. `create`: its own is made where there is none. Gives the URL. */
  openDatabase(options?: { create: boolean }): Promise<string>
}

/** The same for a command that wants the database and nothing else. */
export const runWithDatabase = (
  command: (opened: WithSettings & { databaseUrl: string }) => Promise<number>,
): Promise<void> => runWithSettings(async (opened) => command({ ...opened, databaseUrl: await opened.openDatabase() }))

/** The same for a command that has something to do before it wants the database. */
export const runWithSettings = (command: (opened: WithSettings) => Promise<number>): Promise<void> =>
  runProcess(async (opened) => {
    const file = loadSettingsFile()
    const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
    const redact = createRedactor(config.secrets)
    opened.setRedactor(redact)
    const log = createLog({ level: 'warn', json: config.production, redact, write: opened.printError })
    const openDatabase = async ({ create } = { create: false }) => {
      const url = config.databaseUrl ?? (await openOwnDatabase(config, { ...opened, log, create }))
      const database = config.databaseUrl ? describeDatabase(url) : `embedded, in ${config.dataFolder}`
      opened.printError(`Settings: ${file?.path ?? 'the environment'}. Database: ${database}.`)
      return url
    }
    return command({ ...opened, config, log, openDatabase })
  }, explain)

async function openOwnDatabase(
  config: Config,
  { log, closers, create }: Pick<WithSettings, 'log' | 'closers'> & { create: boolean },
): Promise<string> {
  const folder = resolve(config.dataFolder, 'postgres')
  switchToFolderUser(folder)
  const opening = openEmbeddedPostgres({ folder, log, create })
  closers.push(() =>
    opening.then(
      ({ close }) => close(),
      () => undefined,
    ),
  )
  return (await opening).url
}

/** Without a query's parameters, which hold people's values. */
function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof ConfigError) return { message: error.message, exitCode: 2 }
  if (error instanceof NoDataError)
    return {
      message: `No database: DATABASE_URL is not set, and ${error.message}. Give the command the server's settings: ENV_FILE=/path/to/.env`,
      exitCode: 2,
    }
  if (error instanceof BackupError) return { message: `The command failed: ${error.message}`, exitCode: 1 }
  const root = rootOf(error)
  if (!(root instanceof Error)) return { message: 'The command failed.', exitCode: 1 }
  const what = isConnectError(error) ? 'no connection to the database: ' : ''
  return { message: `The command failed: ${what}${messageOfRoot(root)}${hintOf(root)}`, exitCode: 1 }
}

const isConnectError = (error: unknown): boolean =>
  error instanceof Error && (error instanceof DatabaseConnectError || isConnectError(error.cause))

function hintOf(cause: Error): string {
  if (!('code' in cause)) return ''
  if (cause.code === '42P01') return ' (start the server once to prepare the database)'
  if (cause.code === 'EACCES') return ' (run the command as the user the server runs as)'
  return ''
}
