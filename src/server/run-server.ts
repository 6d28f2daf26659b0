import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { api } from '../api/app.ts'
import { describeError } from '../api/describe-error.ts'
import { type Config, ConfigError, readConfig } from '../config/config.ts'
import { createRedactor } from '../config/redact.ts'
import { findUnknownNames } from '../config/unknown-names.ts'
import { databaseMilliseconds, withDatabaseBudget } from '../postgres/client/deadline.ts'
import { describeStart, startWarnings } from './describe-start.ts'
import { openAssets } from './http/assets.ts'
import { openLocalServices } from './open-local-services.ts'
import { referencePageFolder } from './paths.ts'
import { loadSettingsFile } from './settings-file.ts'

/** How a runtime takes requests. `port` 0: any free one. */
export type Listen = (options: {
  host: string
  port: number
  answer: (request: Request, remoteAddress: string | undefined) => Response | Promise<Response>
}) => Promise<{
  port: number
  /** Takes no more requests; resolves when those under way have ended, or after `timeout` milliseconds. */
  drain(timeout: number): Promise<void>
}>

const drainTimeoutMilliseconds = 8000
/** To the end of all: supervisors commonly kill after ten seconds. */
const stopTimeoutMilliseconds = 9500

/** The life of a server process: settings, services, requests, and an orderly end at SIGTERM or Ctrl-C. */
export async function runServer(listen: Listen): Promise<void> {
  let redact = createRedactor([])
  // Node would print the error as it is, with whatever it quotes.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${redact(`The server crashed: ${JSON.stringify(describeError(error))}`)}\n`)
    process.exit(1)
  })
  try {
    await start(listen, (config) => {
      redact = createRedactor(config.secrets)
    })
  } catch (error) {
    process.stderr.write(`${redact(explain(error))}\n`)
    process.exitCode = 1
  }
}

async function start(listen: Listen, onConfig: (config: Config) => void): Promise<void> {
  // Ignore EPIPE: the log's reader may exit before us.
  process.stdout.on('error', () => undefined)
  const environmentNames = Object.keys(process.env)
  const file = loadSettingsFile()
  const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  onConfig(config)
  // The wait for a database may be long, and a container's first process is deaf to signals that it doesn't ask for.
  const exitEarly = () => process.exit()
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, exitEarly)
  const opened = await openLocalServices(config)
  const { services, sandbox, log, hasDisk, close } = opened
  let isStopping = false
  const bindings = {
    services,
    health: { isStopping: () => isStopping, ...(hasDisk && { hasDisk }) },
    ...(config.docs && { openAsset: openAssets(referencePageFolder) }),
    ...(opened.returnOrigin && { returnOrigin: opened.returnOrigin }),
  }
  const databaseTime = databaseMilliseconds(config)
  const answer = (request: Request, remoteAddress: string | undefined) =>
    withDatabaseBudget(databaseTime, () => api.fetch(request, { ...bindings, ...(remoteAddress && { remoteAddress }) }))
  const { port, drain } = await listen({
    host: config.host,
    port: config.port,
    answer: (request, remoteAddress) => {
      const answered = answer(request, remoteAddress)
      return isStopping ? closingConnection(answered) : answered
    },
  }).catch(async (error: unknown) => {
    await close()
    throw error
  })

  const delayMilliseconds = config.shutdownDelay * 1000
  const stop = async (signal: string) => {
    // A terminal's Ctrl-C arrives twice: from the terminal and from npm.
    if (isStopping) return
    isStopping = true
    log.info(`${signal}: stopping`)
    // A job or a database that takes longer is left: both are taken up again at the next start.
    const forceExit = setTimeout(() => {
      log.warn('stopped before all work had finished')
      process.exit()
    }, delayMilliseconds + stopTimeoutMilliseconds)
    try {
      await sleep(delayMilliseconds)
      await drain(drainTimeoutMilliseconds)
      await close()
      log.info('stopped')
    } catch (error) {
      log.error('stopped with an error', { error: describeError(error) })
      process.exitCode = 1
    }
    clearTimeout(forceExit)
    process.exit()
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop).off(signal, exitEarly)
  const started = { config, port, sandbox, services, ...(await opened.describe()) }
  for (const { name, nearest } of findUnknownNames(file?.names ?? [], environmentNames))
    log.warn(`unknown setting ${name}${nearest ? `: did you mean ${nearest}?` : ''}`)
  for (const line of startWarnings(started)) log.warn(line)
  // Who reads this may stop the server at once.
  for (const line of describeStart(started)) log.info(line)
}

/** An answer that tells its client to come back over another connection. */
async function closingConnection(answered: Response | Promise<Response>): Promise<Response> {
  const { body, status, headers } = await answered
  return new Response(body, { status, headers: [...headers, ['Connection', 'close']] })
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE')
    return `Port ${'port' in error ? error.port : ''} is in use by another program; set PORT.`
  return error instanceof ConfigError ? error.message : `Cannot start the server: ${error.message}`
}
