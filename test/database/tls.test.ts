import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { isUnreachable } from '../../src/db/is-unreachable.ts'
import { openClient } from '../../src/runtime/database/open-client.ts'
import { openEmbeddedPostgres } from '../../src/runtime/embedded-postgres/open-embedded-postgres.ts'
import { findProgram } from '../support/find-program.ts'
import { superuserUrl } from '../support/superuser-url.ts'

const openssl = findProgram('openssl')

describe.skipIf(!openssl)(`Postgres over TLS${openssl ? '' : ' (skipped: no openssl on this machine)'}`, () => {
  const closers: (() => Promise<unknown>)[] = []
  let url = ''
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swob-tls-'))
    await chmod(folder, 0o755)
    const database = await openEmbeddedPostgres({ folder, durable: false })
    closers.push(() => rm(folder, { recursive: true, force: true }), database.close)
    url = await superuserUrl(folder, database.url)
  })
  afterAll(async () => {
    for (const close of closers.reverse()) await close()
  })

  async function ask(sslmode: string) {
    const at = new URL(url)
    at.searchParams.set('sslmode', sslmode)
    const { client, close } = openClient(at.href, { connections: 1, limit: 25_000, prepare: true, keepsSockets: true })
    try {
      const [row] = await openDatabase(client).execute<{ ssl: boolean }>(
        sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`,
      )
      return row?.ssl ? 'encrypted' : 'plain'
    } catch (error) {
      return isUnreachable(error) ? 'unavailable' : 'refused'
    } finally {
      await close()
    }
  }

  test('where the database has none, it is only done without if that was said', async () => {
    expect(await ask('disable')).toBe('plain')
    expect(await ask('prefer')).toBe('plain')
    expect(await ask('require')).not.toBe('plain')
    expect(await ask('verify-full')).not.toBe('plain')
  })

  test('where it has, connections are encrypted, and a certificate of nobody is not trusted', async () => {
    const look = postgres(url, { max: 1 })
    closers.push(() => look.end())
    const [{ data_directory: data } = {}] = await look`show data_directory`
    const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate]
    execFileSync(openssl ?? '', [...made, ...subject], { stdio: 'ignore' })
    const { uid, gid } = await stat(data)
    for (const file of [key, certificate]) await chown(file, uid, gid)
    await chmod(key, 0o600)
    await look`alter system set ssl = on`
    await look`select pg_reload_conf()`
    await expect.poll(() => ask('require'), { timeout: 10_000 }).toBe('encrypted')
    expect(await ask('prefer')).toBe('encrypted')
    expect(await ask('disable')).toBe('plain')
    expect(await ask('verify-full')).not.toBe('encrypted')
  })

  test('a mode that there is not is refused by name', async () => {
    await expect(ask('sometimes')).rejects.toThrow('has an unknown sslmode: it must be one of disable, allow')
  })
})
