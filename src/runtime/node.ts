import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { api } from '../api/api.ts'
import { ConfigError, readConfig } from '../config.ts'
import { describeStart } from './describe-start.ts'
import { openLocalServices } from './open-local-services.ts'

/** Also of the bundle, which lies as deep below the project as this file's folder. */
const migrations = new URL('../../drizzle', import.meta.url).pathname

/** How long requests under way may take to end after a signal. */
const drainMilliseconds = 8000

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  const { services, sandbox, log, close } = await openLocalServices(config, { migrations })
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => api.fetch(request, { services, ...remoteAddressOf(incoming) }),
  }) as Server
  try {
    server.listen(config.port, config.host)
    await once(server, 'listening')
  } catch (error) {
    await close()
    throw error
  }
  for (const line of describeStart(config, sandbox)) log.info(line)

  let isStopping = false
  const stop = async (signal: string) => {
    // A terminal's Ctrl-C arrives twice: from the terminal and from npm.
    if (isStopping) return
    isStopping = true
    log.info(`${signal}: stopping`)
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const impatience = setTimeout(() => server.closeAllConnections(), drainMilliseconds)
    await closed
    clearTimeout(impatience)
    await close()
    log.info('stopped')
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

const remoteAddressOf = ({ socket }: { socket: { remoteAddress?: string | undefined } }) =>
  socket.remoteAddress === undefined ? {} : { remoteAddress: socket.remoteAddress }

start().catch((error: unknown) => {
  const isPortTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  const message = isPortTaken
    ? 'The port is taken by another program: set PORT.'
    : String(error instanceof Error ? error.message : error)
  process.stderr.write(`${error instanceof ConfigError ? error.message : message}\n`)
  process.exitCode = 1
})
