import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, open, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bareEnvironment } from './bare-environment.ts'
import { findPostmaster, findServer, readLog, type Server } from './find-server.ts'
import { isRunning } from './owner.ts'
import type { Home } from './programs.ts'
import { exists, type Programs, runProgram } from './programs.ts'

const stopSeconds = 60
const startTries = 5

function settings(durable: boolean): string[] {
  const common = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    // Also tells one that was started with a bare environment: others are started anew.
    'cluster_name=smswithoutborders',
    'timezone=UTC',
    'log_timezone=UTC',
    'shared_buffers=64MB',
    'max_wal_size=256MB',
    'io_method=sync',
    'max_logical_replication_workers=0',
    // Keeps the log small, and what people store out of it: failed statements and their values are left to the client.
    'log_min_messages=log',
    'log_checkpoints=off',
    'log_error_verbosity=terse',
  ]
  if (durable) return [...common, 'max_connections=100']
  const nonDurable = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'wal_level=minimal',
    'max_wal_senders=0',
  ]
  return [...common, 'max_connections=600', ...nonDurable]
}

/** Whether the Postgres that was started last has the settings that we would give it. */
export async function hasSettings({ folder }: Home, durable: boolean): Promise<boolean> {
  const text = await readFile(join(folder, 'data', 'postmaster.opts'), 'utf8').catch(() => '')
  const found = [...text.matchAll(/"-c" "([^"]*)"/g)].map(([, setting]) => setting)
  return found.join() === settings(durable).join()
}

/** Starts Postgres, on a port that is free now unless one is given, and waits until it takes connections. */
export async function startServer(
  home: Home,
  programs: Programs,
  { durable, port }: { durable: boolean; port: number | undefined },
): Promise<Server> {
  for (let tries = 1; ; tries++) {
    const launched = await launchServer(home, programs, { durable, port: port ?? (await findFreePort()) })
    const server = launched && (await findServer(home, launched))
    if (server) return server
    const said = await readLog(home)
    // The port may have been taken since, or backends of a Postgres that was killed may still be ending.
    const passes = /could not (bind|create any TCP)|shared memory block .*still in use/.test(said)
    if (!passes || tries === startTries)
      throw new Error(`Cannot start Postgres on ${join(home.folder, 'data')}:\n${said}`)
    await sleep(100 * tries)
  }
}

/** Starts Postgres and waits until it has noted itself in its data, where whoever stops it finds it. Undefined: it has ended. */
export async function launchServer(
  home: Home,
  programs: Programs,
  { durable, port }: { durable: boolean; port: number },
): Promise<Server | undefined> {
  const options = settings(durable).map((setting) => `-c ${setting}`)
  const starter = await spawnLogged(home, programs.pg_ctl, [
    ...['-D', 'data', '-l', 'postgres.log', '-o', `-p ${port} ${options.join(' ')}`],
    // It alone sees a Postgres end that noted nothing, and waits for that as long as we do.
    ...['-w', '-t', '300', 'start'],
  ])
  while (starter.exitCode === null && starter.signalCode === null && !(await findPostmaster(home, null)))
    await sleep(25)
  const found = await findPostmaster(home, null)
  return found && { ...found, port }
}

/** Ends all connections, writes everything down and waits until Postgres has gone. */
export async function stopServer(home: Home, programs: Programs): Promise<void> {
  try {
    // A new version's installation may have removed the programs that this one was started with.
    if (!(await exists(programs.pg_ctl))) return await stopBySignal(home)
    await runProgram(programs.pg_ctl, ['-D', 'data', '-m', 'fast', '-w', '-t', `${stopSeconds}`, 'stop'], home)
  } catch (cause) {
    // One that dies before it has stopped leaves its pid file, and pg_ctl takes that for a refusal.
    if (!(await findPostmaster(home, null))) return
    throw new Error(`Cannot stop Postgres: ${await readLog(home)}`, { cause })
  }
}

async function stopBySignal(home: Home): Promise<void> {
  const found = await findPostmaster(home, null)
  if (!found) return
  // As `pg_ctl stop -m fast` does.
  process.kill(found.pid, 'SIGINT')
  for (const deadline = Date.now() + stopSeconds * 1000; await isRunning(found); await sleep(25))
    if (Date.now() > deadline) throw new Error('it does not exit')
}

/** Detached: Ctrl-C in a terminal reaches only us. A pipe would stay open as long as Postgres on Windows, so what is said goes to a fresh log file. */
async function spawnLogged({ folder, user }: Home, file: string, args: string[]): Promise<ChildProcess> {
  const path = join(folder, 'postgres.log')
  await rm(path, { force: true })
  const output = await open(path, 'ax', 0o600)
  try {
    if (user) await chown(path, user.uid, user.gid)
    const stdio = ['ignore', output.fd, output.fd] satisfies ['ignore', number, number]
    const detached = process.platform !== 'win32'
    const child = spawn(file, args, {
      cwd: folder,
      env: bareEnvironment(),
      stdio,
      detached,
      windowsHide: true,
      ...user,
    })
    await once(child, 'spawn')
    child.unref()
    return child
  } finally {
    await output.close()
  }
}

async function findFreePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  if (address === null || typeof address === 'string') throw new Error('A TCP socket has no port')
  return address.port
}
