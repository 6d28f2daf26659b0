import { randomUUID } from 'node:crypto'
import type { PostgresLog } from '../log.ts'
import { findPostmaster, findServer } from './find-server.ts'
import { hasDisk } from './free-space.ts'
import { openHome, requireData } from './home.ts'
import { openLock } from './lock.ts'
import { makeData, removeHalfMade } from './make-data.ts'
import { findProcess, readOwnership, writeOwnership } from './owner.ts'
import type { Home } from './programs.ts'
import { findPrograms, type Programs } from './programs.ts'
import { hasSettings, startServer, stopServer } from './server.ts'
import { openServerRole } from './server-role.ts'
import { superviseServer } from './supervise-server.ts'

type Options = {
  /** For this database alone. Holds `data`, `password` (0600), `postgres.log` (of the last start), `owners.json`, `lock`. */
  folder: string
  log?: Pick<PostgresLog, 'info' | 'error'>
  /** false: faster, and a power cut may ruin the data. For tests. */
  durable?: boolean
  /** false: throws a NoDataError where there is no data yet. */
  create?: boolean
}

export type EmbeddedPostgres = {
  url: string
  /** Whether its volume has room for more. */
  hasDisk(): Promise<boolean>
  close(): Promise<void>
}

type Joined = { home: Home; log: Pick<PostgresLog, 'info' | 'error'>; durable: boolean; token: string }

const silent = { info: () => undefined, error: () => undefined }

/**
 * Starts a Postgres of our own over `folder`, or joins the one that already runs there, also one that a killed process left behind.
 * When it dies it is started again, at the same URL. The last live user to close stops it. Throws an Error that says, with Postgres's own
 * last lines, why there is none.
 */
export async function openEmbeddedPostgres({
  folder,
  log = silent,
  durable = true,
  create = true,
}: Options): Promise<EmbeddedPostgres> {
  if (!create) await requireData(folder)
  const home = await openHome(folder, log.info)
  const lock = await openLock(home.folder)
  const joined = { home, log, durable, token: randomUUID() }
  try {
    const { programs, url, server } = await lock.hold(() => join(joined))
    const supervision = superviseServer({ home, lock, programs, durable, log }, server)
    let closing: Promise<void> | undefined
    return {
      url,
      hasDisk: () => hasDisk(home.folder),
      close() {
        closing ??= supervision
          .stop()
          .then(() => lock.hold(() => leave(joined, programs)))
          .finally(lock.remove)
        return closing
      },
    }
  } catch (error) {
    await lock.remove()
    throw error
  }
}

/** Enters this user among the owners of a Postgres that runs. */
async function join({ home, log, durable, token }: Joined) {
  await removeHalfMade(home)
  const programs = await findPrograms(home)
  const password = await makeData(home, programs, durable)
  const { server: last, owners } = await readOwnership(home.folder)
  const isShared = owners.length > 0
  let running = await findServer(home, last)
  if (running && !(await hasSettings(home, durable))) {
    if (isShared) log.info('The running Postgres has other settings; sharing it as it is')
    else {
      await stopServer(home, programs)
      running = undefined
    }
  }
  const port = isShared ? last?.port : undefined
  const { pid, started, ...server } = running ?? (await startServer(home, programs, { durable, port }))
  const noted = { pid, started, port: server.port }
  try {
    const url = await openServerRole({ port: noted.port, password })
    const self = { pid: process.pid, started: (await findProcess(process.pid))?.started ?? '', token }
    await writeOwnership(home.folder, { server: noted, owners: [...owners, self] })
    return { programs, url, server: noted }
  } catch (error) {
    if (!isShared) await stopServer(home, programs)
    throw error
  }
}

/** Stops Postgres, whatever it's about, unless somebody else needs it. */
async function leave({ home, token }: Joined, programs: Programs): Promise<void> {
  const { server, owners } = await readOwnership(home.folder)
  const others = owners.filter((owner) => owner.token !== token)
  // On a full disk this user stays listed, for as long as its process lives.
  await writeOwnership(home.folder, { server, owners: others }).catch(() => undefined)
  if (others.length === 0 && (await findPostmaster(home, server))) await stopServer(home, programs)
}
