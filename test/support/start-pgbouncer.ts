import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { startDaemon } from './start-daemon.ts'
import { unprivileged } from './unprivileged.ts'

export const pgbouncer = findProgram('pgbouncer')

/** PgBouncer in transaction mode: a database at another `url`, by far fewer connections than are taken there. */
export async function startPgbouncer(databaseUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'swob-pgbouncer-'))
  const file = join(folder, 'pgbouncer.ini')
  const port = await freePort()
  const { hostname, port: databasePort, username, password, pathname } = new URL(databaseUrl)
  const settings = `
[databases]
pooled = host=${hostname} port=${databasePort} dbname=${pathname.slice(1)} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 6
`
  await writeFile(file, settings, { mode: 0o600 })
  const user = unprivileged()
  if (user) for (const path of [folder, file]) await chown(path, user.uid, user.gid)
  const url = `postgres://any@127.0.0.1:${port}/pooled`
  const daemon = await startDaemon(pgbouncer ?? '', [file], url)
  return {
    url,
    async close() {
      await daemon.end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
