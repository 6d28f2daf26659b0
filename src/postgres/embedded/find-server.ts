import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, findProcess, type RunningProcess } from './owner.ts'
import type { Home } from './programs.ts'
import { lastLines } from './programs.ts'

/** Recovery after a power cut may take minutes. */
const waitSeconds = 300

/** `started` as for any process. `isReady`: it takes connections. `data`: the folder that it says it works in. */
export type Server = RunningProcess & { port: number; isReady: boolean; data: string }

/**
 * The Postgres that runs over the folder's data and takes connections. Waits while it starts or stops; forgets one that died. Throws where
 * it runs over the original of what is here: we would serve, and stop, another's.
 */
export async function findServer(home: Home, last: RunningProcess | null): Promise<Server | undefined> {
  for (const deadline = Date.now() + waitSeconds * 1000; ; await sleep(25)) {
    const server = await findPostmaster(home, last)
    const data = join(home.folder, 'data')
    if (server && resolve(server.data) !== data)
      throw new Error(
        `The data in ${data} was copied while it was in use (in ${server.data}), which may have corrupted it; ` +
          'copy it again while the server is stopped.',
      )
    if (!server || server.isReady) return server
    if (Date.now() > deadline)
      throw new Error(`Postgres (pid ${server.pid}) is stuck starting or stopping. ${await readLog(home)}`)
  }
}

/** The same, whether it starts, serves or stops just now. */
export async function findPostmaster({ folder }: Home, last: RunningProcess | null): Promise<Server | undefined> {
  const pidFile = join(folder, 'data', 'postmaster.pid')
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n').map((line) => line.trim())
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!(pid > 0)) return undefined
  const found = await findProcess(pid)
  const isReady = lines[7] === 'ready'
  if (found && (await isPostmaster(found, last, isReady ? port : undefined)))
    return { pid, started: found.started, port, isReady, data: lines[1] ?? '' }
  // The noted pid may be anybody's after a power cut, or a zombie's in a container where nobody reaps: Postgres won't start
  // while there is such a process. Backends that outlive their server still keep the next one out, by their shared memory.
  await rm(pidFile, { force: true })
  return undefined
}

/** What was noted at its start is sure. Without that (killed before it was noted) the name and the open port must do. */
async function isPostmaster(
  found: RunningProcess & { command: string },
  last: RunningProcess | null,
  port: number | undefined,
): Promise<boolean> {
  if (last?.pid === found.pid && last.started !== '' && found.started !== '') return last.started === found.started
  if (found.command !== '' && !found.command.includes('postgres')) return false
  return port === undefined || !(await refuses(port))
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

/** Of the last start: whatever it, or a program that should have run it, wrote in the end. */
export const readLog = async ({ folder }: Pick<Home, 'folder'>): Promise<string> =>
  lastLines(await readFile(join(folder, 'postgres.log'), 'utf8').catch(() => ''))

/** For our own log: without the statements that it was about, which are people's. */
export const readLastWords = async (home: Pick<Home, 'folder'>): Promise<string[]> =>
  (await readLog(home)).split('\n').filter((line) => !/ STATEMENT: |^\t|^$/.test(line))
