import { randomBytes, randomUUID } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from './programs.ts'
import { exists, type Programs, runProgram } from './programs.ts'

/** What a process left that was killed while it made something. Everything half made is named so. */
export async function removeHalfMade({ folder }: Home): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^(data|programs|owners\.json)\.new-/.test(name))
  // An initdb whose parent was killed may still be writing: the next open removes what this one can't.
  const remove = (name: string) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })
  await Promise.allSettled(names.map(remove))
}

/** Makes the database cluster unless it's there. Gives the password. Call it under the home's lock. */
export async function makeData(home: Home, programs: Programs, durable: boolean): Promise<string> {
  const data = join(home.folder, 'data')
  const passwordFile = join(home.folder, 'password')
  if (await exists(data)) {
    const made = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
    if (made !== programs.majorVersion)
      throw new Error(
        `The data in ${data} was created by Postgres ${made}; Postgres ${programs.majorVersion} cannot read it. ` +
          'Dump it with the version that created it and load the dump into an empty folder.',
      )
    return readFile(passwordFile, 'utf8')
  }
  const password = randomBytes(24).toString('hex')
  const draft = `data.new-${randomUUID()}`
  await mkdir(join(home.folder, draft), { mode: 0o700 })
  await rm(passwordFile, { force: true })
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' })
  if (home.user) {
    await chown(join(home.folder, draft), home.user.uid, home.user.gid)
    await chown(passwordFile, home.user.uid, home.user.gid)
  }
  try {
    // Paths relative to the folder: initdb puts them into shell commands, where a quote in the folder's name would tell.
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    const access = ['--auth=scram-sha-256', '--username=postgres', '--pwfile=password']
    const misc = ['--no-instructions', ...(durable ? [] : ['--no-sync'])]
    await runProgram(programs.initdb, ['-D', draft, ...locale, ...access, ...misc], home)
    await rename(join(home.folder, draft), data)
  } catch (cause) {
    await rm(join(home.folder, draft), { recursive: true, force: true }).catch(() => undefined)
    throw new Error(
      `Postgres cannot create its data in ${home.folder}: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
  return password
}
