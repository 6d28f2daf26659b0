import { randomBytes, randomUUID } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Home, openHome } from './home.ts'
import { findProcess, readOwnership, withLock, writeOwnership } from './owner.ts'
import { exists, findPrograms, type Programs, runProgram } from './programs.ts'
import { findServer, startServer, stopServer } from './server.ts'

type Options = {
  /** For this database alone. Holds `data`, `password` (0600), `postgres.log` (of the last start), `owners.json`, `lock`. */
  folder: string
  log?: (line: string) => void
  /** false: faster, and a power cut may ruin the data. For tests. */
  durable?: boolean
}

/**
 * Starts a Postgres of our own over `folder`, or joins the one that already runs there, also one that a killed process left behind.
 * The last live user to close stops it. Throws an Error that says, with Postgres's own last lines, why there is none.
 */
export async function openEmbeddedPostgres({
  folder,
  log = () => undefined,
  durable = true,
}: Options): Promise<{ url: string; close(): Promise<void> }> {
  const home = await openHome(folder, log)
  const token = randomUUID()
  const { programs, url } = await withLock(home.folder, async () => {
    await removeHalfMade(home)
    const programs = await findPrograms(home)
    const password = await initialise(home, programs, durable)
    const { server: last, owners } = await readOwnership(home.folder)
    let running = await findServer(home, last, durable)
    if (running && !running.hasSettings && owners.length > 0)
      log('The running Postgres has other settings: shared as it is')
    else if (running && !running.hasSettings) {
      await stopServer(home, programs)
      running = undefined
    }
    const { pid, port } = running ?? (await startServer(home, programs, durable))
    try {
      const [server, self] = await Promise.all([findProcess(pid), findProcess(process.pid)])
      await writeOwnership(home.folder, {
        server: { pid, started: server?.started ?? '' },
        owners: [...owners, { pid: process.pid, started: self?.started ?? '', token }],
      })
    } catch (error) {
      if (owners.length === 0) await stopServer(home, programs)
      throw error
    }
    return { programs, url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` }
  })

  let closing: Promise<void> | undefined
  return {
    url,
    close() {
      closing ??= withLock(home.folder, async () => {
        const { server, owners } = await readOwnership(home.folder)
        const others = owners.filter((owner) => owner.token !== token)
        await writeOwnership(home.folder, { server, owners: others })
        if (others.length === 0 && (await findServer(home, server, durable))) await stopServer(home, programs)
      })
      return closing
    },
  }
}

/** What a process left that was killed while it made something. Everything half made is named so. */
async function removeHalfMade({ folder }: Home): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^(data|programs|owners\.json)\.new-/.test(name))
  // An initdb whose parent was killed may still be writing: the next open removes what this one can't.
  const remove = (name: string) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })
  await Promise.allSettled(names.map(remove))
}

/** Makes the database cluster unless it's there. Gives the password. */
async function initialise(home: Home, programs: Programs, durable: boolean): Promise<string> {
  const data = join(home.folder, 'data')
  const passwordFile = join(home.folder, 'password')
  if (await exists(data)) {
    const made = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
    if (made !== programs.majorVersion)
      throw new Error(
        `The data in ${data} was made by Postgres ${made}; this is Postgres ${programs.majorVersion}, which can't read it. ` +
          'Dump it with the version that made it and load the dump into an empty folder.',
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
    const rest = ['--no-instructions', ...(durable ? [] : ['--no-sync'])]
    await runProgram(programs.initdb, ['-D', draft, ...locale, ...access, ...rest], home)
    await rename(join(home.folder, draft), data)
  } catch (cause) {
    await rm(join(home.folder, draft), { recursive: true, force: true }).catch(() => undefined)
    throw new Error(
      `Postgres can't make its data in ${home.folder}: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
  return password
}
