import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, open, readFile, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Home } from './home.ts'
import { errorCode, findProcess, type RunningProcess } from './owner.ts'
import { exists, lastLines, type Programs, programEnv, runProgram } from './programs.ts'

/** Recovery after a power cut may take minutes. */
const startSeconds = 300
const stopSeconds = 60
const startTries = 5

type Found = RunningProcess & { command: string }
type Server = { pid: number; port: number; hasSettings: boolean }

function settings(durable: boolean): string[] {
  const common = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
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
  const careless = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'wal_level=minimal',
    'max_wal_senders=0',
  ]
  return [...common, 'max_connections=200', ...careless]
}

/** The Postgres that runs over the folder's data and takes connections. Waits while it starts or stops; forgets one that died. */
export async function findServer(
  { folder }: Home,
  last: RunningProcess | null,
  durable: boolean,
): Promise<Server | undefined> {
  const pidFile = join(folder, 'data', 'postmaster.pid')
  for (const deadline = Date.now() + startSeconds * 1000; ; await sleep(25)) {
    const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n').map((line) => line.trim())
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    if (!(pid > 0)) return undefined
    const found = await findProcess(pid)
    const isReady = lines[7] === 'ready'
    if (!found || !(await isServer(found, last, isReady ? port : undefined))) {
      // The noted pid may be anybody's after a power cut, or a zombie's in a container where nobody reaps: Postgres won't start
      // while there is such a process. Backends that outlive their server still keep the next one out, by their shared memory.
      await rm(pidFile, { force: true })
      return undefined
    }
    if (isReady) return { pid, port, hasSettings: await hasSettings(folder, durable) }
    if (Date.now() > deadline)
      throw new Error(`Postgres (pid ${pid}) neither starts nor stops. ${await readLog(folder)}`)
  }
}

/** What was noted at its start is sure. Without that (killed before it was noted) the name and the open port must do. */
async function isServer(found: Found, last: RunningProcess | null, port: number | undefined): Promise<boolean> {
  if (last?.pid === found.pid && last.started !== '' && found.started !== '') return last.started === found.started
  if (found.command !== '' && !found.command.includes('postgres')) return false
  return port === undefined || !(await refuses(port))
}

async function hasSettings(folder: string, durable: boolean): Promise<boolean> {
  const text = await readFile(join(folder, 'data', 'postmaster.opts'), 'utf8').catch(() => '')
  const found = [...text.matchAll(/"-c" "([^"]*)"/g)].map(([, setting]) => setting)
  return found.join() === settings(durable).join()
}

/** Starts Postgres on a port that is free now, in a process group of its own, so that Ctrl-C reaches only us. */
export async function startServer(home: Home, programs: Programs, durable: boolean): Promise<Server> {
  const options = settings(durable).map((setting) => `-c ${setting}`)
  for (let tries = 1; ; tries++) {
    const port = await findFreePort()
    const args = [
      '-D',
      'data',
      '-l',
      'postgres.log',
      '-w',
      '-t',
      `${startSeconds}`,
      '-o',
      `-p ${port} ${options.join(' ')}`,
      'start',
    ]
    const code = await runLogged(home, programs.pg_ctl, args)
    const pid = Number.parseInt(await readFile(join(home.folder, 'data', 'postmaster.pid'), 'utf8').catch(() => ''), 10)
    if (code === 0 && pid > 0) return { pid, port, hasSettings: true }
    const said = await readLog(home.folder)
    // The port may have been taken since, or backends of a Postgres that was killed may still be ending.
    const passes = /could not (bind|create any TCP)|shared memory block .*still in use/.test(said)
    if (!passes || tries === startTries)
      throw new Error(`Postgres doesn't start over ${join(home.folder, 'data')}:\n${said}`)
    await sleep(100 * tries)
  }
}

/** Ends all connections, writes everything down and waits until Postgres has gone. */
export async function stopServer(home: Home, programs: Programs): Promise<void> {
  try {
    await runProgram(programs.pg_ctl, ['-D', 'data', '-m', 'fast', '-w', '-t', `${stopSeconds}`, 'stop'], home)
  } catch (cause) {
    if (!(await exists(join(home.folder, 'data', 'postmaster.pid')))) return
    throw new Error(`Postgres doesn't stop: ${await readLog(home.folder)}`, { cause })
  }
}

/** A pipe to pg_ctl would stay open as long as Postgres on Windows, so both write to a fresh log file. */
async function runLogged({ folder, user }: Home, file: string, args: string[]): Promise<number | null> {
  const path = join(folder, 'postgres.log')
  await rm(path, { force: true })
  const output = await open(path, 'ax', 0o600)
  try {
    if (user) await chown(path, user.uid, user.gid)
    const stdio = ['ignore', output.fd, output.fd] satisfies ['ignore', number, number]
    const detached = process.platform !== 'win32'
    const child = spawn(file, args, { cwd: folder, env: programEnv(), stdio, detached, windowsHide: true, ...user })
    const [code] = await once(child, 'exit')
    return typeof code === 'number' ? code : null
  } finally {
    await output.close()
  }
}

const readLog = async (folder: string) =>
  lastLines(await readFile(join(folder, 'postgres.log'), 'utf8').catch(() => ''))

async function findFreePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  if (address === null || typeof address === 'string') throw new Error('A TCP socket has no port')
  return address.port
}

/** Whether nobody listens there. Any other failure, as of too many open files here, says nothing. */
async function refuses(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return errorCode(error) === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
