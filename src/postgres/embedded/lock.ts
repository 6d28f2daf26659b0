import { randomUUID } from 'node:crypto'
import { link, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, findProcess, isRunning, readProcess } from './owner.ts'

const waitSeconds = 600

export type Lock = {
  /** Runs `work` while no other process or caller holds the folder's lock. The lock of a dead process doesn't count. */
  hold<T>(work: () => Promise<T>): Promise<T>
  /** It can't be held any more. */
  remove(): Promise<void>
}

/** A folder's lock. It is written here and then held by a link to it, for which a full disk still has room. */
export async function openLock(folder: string): Promise<Lock> {
  await removeDead(folder)
  const path = join(folder, 'lock')
  const draft = join(folder, `lock.new-${randomUUID()}`)
  const { started = '' } = (await findProcess(process.pid)) ?? {}
  await writeFile(draft, JSON.stringify({ pid: process.pid, started }), { flag: 'wx' })
  return {
    async hold(work) {
      const deadline = Date.now() + waitSeconds * 1000
      while (!(await take(path, draft))) {
        if (Date.now() > deadline) throw new Error(`Another process has held ${path} for ${waitSeconds} seconds`)
        await sleep(25)
      }
      try {
        return await work()
      } finally {
        await unlink(path).catch(() => undefined)
      }
    },
    remove: () => rm(draft, { force: true }),
  }
}

async function take(path: string, draft: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  const theirs = await read(path)
  if (theirs === undefined || !(await isDead(path, theirs))) return false
  // Two may find the same dead lock: what a rename took is looked at again, so that neither takes the other's new one.
  const aside = `${path}.new-${randomUUID()}`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== theirs) await link(aside, path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EEXIST') throw error
  }
  await rm(aside, { force: true })
  return false
}

/** What killed processes wrote to hold the lock with. */
async function removeDead(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const text = name.startsWith('lock.new-') ? await read(path) : undefined
    if (text !== undefined && (await isDead(path, text))) await rm(path, { force: true })
  }
}

async function isDead(path: string, text: string): Promise<boolean> {
  const holder = readProcess(text)
  if (holder) return !(await isRunning(holder))
  // No holder: it's being written just now, or was left by a kill in that moment.
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > 2000
}

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined)
