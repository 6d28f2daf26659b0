import { statfs } from 'node:fs/promises'

/** Four of the files that Postgres writes its log of changes in: without room for the next one it can't go on. */
const minFreeBytes = 64 * 1024 * 1024
const minFreeShare = 0.02

/** Of a folder's volume, as far as others than root may use it. */
export async function readFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Whether there is room enough to go on for a while. */
export async function hasDisk(folder: string): Promise<boolean> {
  const { bavail, bsize, blocks } = await statfs(folder)
  return bavail * bsize >= minFreeBytes && bavail >= blocks * minFreeShare
}
