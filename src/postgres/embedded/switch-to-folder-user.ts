import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Lets a command that root runs go on as the user whose Postgres it is: what it writes into the folder must be that user's, and Postgres itself runs as
 * nobody else.
 */
export function switchToFolderUser(folder: string): void {
  if (process.geteuid?.() !== 0) return
  const [folderStat] = [folder, dirname(folder)].flatMap((one) => statSync(one, { throwIfNoEntry: false }) ?? [])
  if (!folderStat || folderStat.uid === 0) return
  process.setgroups?.([folderStat.gid])
  process.setgid?.(folderStat.gid)
  process.setuid?.(folderStat.uid)
}
