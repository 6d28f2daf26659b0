import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bareEnvironment } from './bare-environment.ts'

const runningProcess = z.object({ pid: z.int().positive(), started: z.string() })
const ownership = z.object({
  /** The Postgres that was started last. Its owners know no other port. */
  server: runningProcess.extend({ port: z.int().positive().optional() }).nullable(),
  /** Everyone who opened it and didn't close; whoever was killed stays listed until somebody looks. */
  owners: z.array(runningProcess.extend({ token: z.string() })),
})

export type RunningProcess = z.infer<typeof runningProcess>
export type Ownership = z.infer<typeof ownership>

/** A live process. `started` tells it from another with a recycled pid; '' is "this system doesn't say", here and for `command`. */
export async function findProcess(pid: number): Promise<(RunningProcess & { command: string }) | undefined> {
  if (!isThere(pid)) return undefined
  try {
    if (process.platform === 'linux') return await readProc(pid)
    if (process.platform === 'win32') return { pid, started: '', command: '' }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=,comm=', '-p', `${pid}`], {
      env: bareEnvironment(),
    })
    // lstart is always 24 characters: "Sat Nov 22 13:04:50 2026".
    return { pid, started: stdout.trim().slice(0, 24), command: stdout.trim().slice(24).trim() }
  } catch {
    return { pid, started: '', command: '' }
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

async function readProc(pid: number) {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The command stands in parentheses and may itself hold spaces and parentheses.
  const end = line.lastIndexOf(')')
  const fields = line.slice(end + 2).split(' ')
  // Killed, but not yet reaped by its parent.
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return { pid, started: `${boot.trim()} ${fields[19]}`, command: line.slice(line.indexOf('(') + 1, end) }
}

/** Whether the process that was noted is still running. */
export async function isRunning({ pid, started }: RunningProcess): Promise<boolean> {
  const found = await findProcess(pid)
  return found !== undefined && (found.started === '' || started === '' || found.started === started)
}

/** The same for who looks every moment, and would see a pid go before another process gets it. */
export const isStillRunning = async (noted: RunningProcess) =>
  // Only Linux shows the start at no cost; there it's needed, for who died and wasn't reaped.
  process.platform === 'linux' ? isRunning(noted) : isThere(noted.pid)

/** Reads who owns the Postgres of a folder, leaving out owners that have died. Call it under the folder's lock. */
export async function readOwnership(folder: string): Promise<Ownership> {
  const text = await readFile(join(folder, 'owners.json'), 'utf8').catch(() => '')
  const { server, owners } = parse(ownership, text) ?? { server: null, owners: [] }
  const alive = await Promise.all(owners.map(isRunning))
  return { server, owners: owners.filter((_, index) => alive[index]) }
}

export async function writeOwnership(folder: string, value: Ownership): Promise<void> {
  const draft = join(folder, `owners.json.new-${randomUUID()}`)
  try {
    await writeFile(draft, JSON.stringify(value))
    await rename(draft, join(folder, 'owners.json'))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Reads a process that was written down as JSON. */
export const readProcess = (text: string): RunningProcess | undefined => parse(runningProcess, text)

function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
