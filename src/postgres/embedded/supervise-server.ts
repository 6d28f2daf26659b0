import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresLog } from '../log.ts'
import { findPostmaster, readLastWords } from './find-server.ts'
import { readFreeBytes } from './free-space.ts'
import type { Lock } from './lock.ts'
import { isStillRunning, type RunningProcess, readOwnership, writeOwnership } from './owner.ts'
import type { Home, Programs } from './programs.ts'
import { launchServer } from './server.ts'

const pollIntervalMilliseconds = 500
const maxBackoffMilliseconds = 10_000
/** What has run for so long is well again. */
const stableMilliseconds = 60_000

type Supervised = {
  home: Home
  lock: Lock
  programs: Programs
  durable: boolean
  log: Pick<PostgresLog, 'info' | 'error'>
}
type Noted = RunningProcess & { port: number }

/**
 * Starts a Postgres that has died again, at its port, until told to stop; the more often it dies, the later. Of the processes that share it
 * one does so. It need not be our child: we may have found it running.
 */
export function superviseServer(supervised: Supervised, server: Noted): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const ended = watch(supervised, server, stopping.signal)
  return {
    stop() {
      stopping.abort()
      return ended
    },
  }
}

async function watch(supervised: Supervised, server: Noted, signal: AbortSignal): Promise<void> {
  const { lock, log } = supervised
  /** False: it's over. */
  const pause = (milliseconds: number) => sleep(milliseconds, true, { ref: false, signal }).catch(() => false)
  let current: RunningProcess = server
  let starts = 0
  let startedAt = 0
  while (await pause(pollIntervalMilliseconds)) {
    if (await isStillRunning(current)) continue
    if (Date.now() - startedAt > stableMilliseconds) starts = 0
    if (starts > 0 && !(await pause(Math.min(250 * 2 ** starts, maxBackoffMilliseconds)))) return
    starts++
    startedAt = Date.now()
    try {
      current = (await lock.hold(() => startAgain(supervised, server.port))) ?? current
    } catch (error) {
      log.error('cannot start the embedded Postgres', {
        reason: error instanceof Error ? error.message : String(error),
      })
    }
  }
}

/** Undefined: it ended at once. The next try tells why. */
async function startAgain({ home, programs, durable, log }: Supervised, port: number) {
  const { server: last, owners } = await readOwnership(home.folder)
  const found = await findPostmaster(home, last)
  if (found) log.info('another process restarted the embedded Postgres')
  else
    log.error('the embedded Postgres died; restarting it', {
      said: await readLastWords(home),
      // A full disk leaves it no room to say so.
      freeBytes: await readFreeBytes(home.folder),
    })
  const server = found ?? (await launchServer(home, programs, { durable, port }))
  if (!server) return undefined
  const { pid, started } = server
  await writeOwnership(home.folder, { server: { pid, started, port }, owners })
  return { pid, started }
}
