import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { startDaemon } from './start-daemon.ts'
import { unprivileged } from './unprivileged.ts'

const programs = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'pg_basebackup']
/** Where Debian has one folder for each version, none of them in PATH. */
const versions = '/usr/lib/postgresql'

/** The folder with a server of this machine's own and the programs to back it up, all of one version; undefined: there is none. */
export const installedPostgres = findFolder()

function findFolder(): string | undefined {
  const numbers = existsSync(versions)
    ? readdirSync(versions)
        .map(Number)
        .sort((first, second) => second - first)
    : []
  const folders = [...numbers.map((number) => `${versions}/${number}/bin`), dirname(findProgram('initdb') ?? '')]
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))))
}

type Folder = { folder: string; data: string }

async function makeFolder(): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-installed-'))
  const user = unprivileged()
  if (user) await chown(folder, user.uid, user.gid)
  return { folder, data: join(folder, 'data') }
}

const program = (name: string) => join(installedPostgres ?? '', name)
const run = (name: string, args: string[]) =>
  execFileSync(program(name), args, { cwd: '/', stdio: 'ignore', ...unprivileged() })

async function serve({ folder, data }: Folder) {
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const daemon = await startDaemon(program('postgres'), args, url)
  return {
    url,
    /** As a machine that is lost. */
    kill: () => daemon.end('SIGQUIT'),
    async close() {
      await daemon.end('SIGINT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A Postgres that isn't ours: of the version that the machine has. Its URL is that of an empty database. */
export async function startInstalledPostgres() {
  const place = await makeFolder()
  const superuser = ['--username=postgres', '--auth=trust']
  run('initdb', ['-D', place.data, ...superuser, '--encoding=UTF8', '--locale=C', '--no-sync'])
  return serve(place)
}

/** A hot standby of one that was started here, and follows it. */
export async function startStandby(primaryUrl: string) {
  const place = await makeFolder()
  run('pg_basebackup', ['-D', place.data, '-d', primaryUrl, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'])
  return serve(place)
}
