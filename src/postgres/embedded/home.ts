import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { access, chmod, mkdir, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { bareEnvironment } from './bare-environment.ts'
import { errorCode } from './owner.ts'
import { exists, type Home, runProgram, type User, useOwnPostgresHint } from './programs.ts'

/** Where data and programs go that the user `postgres` couldn't reach in their own place. */
const sharedFolder = '/var/lib/smswithoutborders-api'

/** The folder holds no data, and none may be made. */
export class NoDataError extends Error {
  override readonly name = 'NoDataError'
}

/** Throws unless there is data of an embedded Postgres, here or where it is when `openHome` chose another folder. */
export async function requireData(folder: string): Promise<void> {
  try {
    await access(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new NoDataError(`${folder} doesn't exist`)
    throw error
  }
  const own = await realpath(folder)
  const candidates = [own, ...(process.geteuid?.() === 0 ? [sharedFor(own)] : [])]
  const found = await Promise.all(candidates.map((candidate) => exists(join(candidate, 'data'))))
  if (!found.includes(true)) throw new NoDataError(`${folder} contains no data`)
}

/** Makes the folder, or chooses another when we are root and the user `postgres` can't reach this one. */
export async function openHome(folder: string, log: (line: string) => void): Promise<Home> {
  const made = await mkdir(folder, { recursive: true, mode: 0o711 })
  const own = await realpath(folder)
  if (process.geteuid?.() !== 0) return { folder: own, user: undefined, programsFolder: own }
  const user = await findUser()
  const home = { folder: own, user, programsFolder: own }
  const shared = sharedFor(own)
  const hasData = await exists(join(own, 'data'))
  if (hasData || !(await exists(join(shared, 'data')))) {
    if (await canReach(own, user)) return home
    // Only a folder that is plainly ours is opened, and only for passing through.
    if (made !== undefined || (await readdir(own)).length === 0) {
      await chmod(own, ((await stat(own)).mode & 0o777) | 0o011)
    }
    // Asked again in any case: another process may have opened it meanwhile, and have put its lock there since.
    if (await canReach(own, user)) return home
    if (hasData)
      throw new Error(
        `The user postgres can no longer reach the data in ${own}; its parent folders need the x permission`,
      )
  }
  for (const ours of [sharedFolder, shared]) {
    await mkdir(ours, { recursive: true })
    await chmod(ours, 0o711)
  }
  log(`The user postgres cannot reach ${own}; using ${shared} for the database's data`)
  return { folder: shared, user, programsFolder: sharedFolder }
}

const sharedFor = (own: string) => join(sharedFolder, createHash('sha256').update(own).digest('hex').slice(0, 12))

async function findUser(): Promise<User> {
  const env = { ...bareEnvironment(), PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` }
  const run = (file: string, ...args: string[]) => promisify(execFile)(file, args, { env })
  const find = async () => ({
    uid: Number((await run('id', '-u', 'postgres')).stdout),
    gid: Number((await run('id', '-g', 'postgres')).stdout),
  })
  const create = async () => {
    try {
      await run('useradd', '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres')
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      await run('addgroup', '-S', 'postgres')
      await run('adduser', '-S', '-D', '-H', '-G', 'postgres', 'postgres')
    }
  }
  return (
    find()
      // Another process may have created it meanwhile, so a failure to create isn't yet one.
      .catch(() => create().then(find, (cause) => find().catch(() => Promise.reject(cause))))
      .catch((cause) => {
        throw new Error(
          `Postgres refuses to run as root, and the user postgres could not be created. ${useOwnPostgresHint}`,
          {
            cause,
          },
        )
      })
  )
}

const canReach = (folder: string, user: User) =>
  runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { folder: '/', user }).then(
    () => true,
    () => false,
  )

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
