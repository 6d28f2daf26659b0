import { execFileSync } from 'node:child_process'
import { chmod, chown, copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'
import { isUnreachable } from '../../src/postgres/errors.ts'
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

  async function ask(sslmode: string, { host = '127.0.0.1', more = '' } = {}) {
    const { username, password, port, pathname } = new URL(url)
    const at = `postgres://${username}:${password}@${host}:${port}${pathname}?sslmode=${sslmode}${more}`
    const { client, close } = openClient(at, { connections: 1, timeout: 25_000, prepare: true, keepsSockets: true })
    try {
      const [row] = await openDatabase(client).execute<{ ssl: boolean }>(
        sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`,
      )
      return row?.ssl ? 'encrypted' : 'plain'
    } catch (error) {
      return isUnreachable(error) ? 'unavailable' : `refused: ${error}`
    } finally {
      await close()
    }
  }

  /** The server's certificate from now on, its own authority. */
  async function certify(names: string): Promise<string> {
    const look = postgres(url, { max: 1, onnotice: () => undefined })
    const [{ data_directory: data } = {}] = await look`show data_directory`
    const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')]
    const subject = ['-subj', '/CN=nobody', '-addext', `subjectAltName=${names}`]
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate]
    execFileSync(openssl ?? '', [...made, ...subject], { stdio: 'ignore' })
    const { uid, gid } = await stat(data)
    for (const file of [key, certificate]) await chown(file, uid, gid)
    await chmod(key, 0o600)
    await chmod(certificate, 0o644)
    await look`alter system set ssl = on`
    await look`select pg_reload_conf()`
    await look.end()
    const folder = await mkdtemp(join(tmpdir(), 'swob-ca-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const kept = join(folder, 'ca.crt')
    await copyFile(certificate, kept)
    // Postgres reads it in a while.
    await expect.poll(() => ask('verify-ca', { more: `&sslrootcert=${kept}` })).toBe('encrypted')
    return kept
  }

  test('where the database has none, it is only done without if that was said', async () => {
    expect(await ask('disable')).toBe('plain')
    expect(await ask('prefer')).toBe('plain')
    expect(await ask('require')).not.toBe('plain')
    expect(await ask('verify-full')).not.toBe('plain')
  })

  test('where it has, connections are encrypted, and a certificate of nobody is not trusted', async () => {
    const ca = await certify('DNS:localhost,IP:127.0.0.1')
    for (const mode of ['allow', 'prefer', 'require']) expect(await ask(mode)).toBe('encrypted')
    expect(await ask('disable')).toBe('plain')
    expect(await ask('verify-ca')).toBe('unavailable')
    expect(await ask('verify-full')).toBe('unavailable')
    expect(await ask('verify-full', { more: `&sslrootcert=${ca}` })).toBe('encrypted')
    expect(await ask('require', { more: `&sslrootcert=${ca}` })).toBe('encrypted')
    expect(await ask('require', { more: '&channel_binding=require' })).toBe('encrypted')
  })

  test('a certificate is checked for the host that was asked for, be it an address', async () => {
    const [address, name, neither] = ['127.0.0.1', 'localhost', 'db.example'] as const
    const outcomes: Record<string, string[]> = {}
    for (const names of ['IP:127.0.0.1', 'DNS:localhost', 'DNS:db.example']) {
      const more = `&sslrootcert=${await certify(names)}`
      outcomes[names] = [
        await ask('verify-full', { host: address, more }),
        await ask('verify-full', { host: name, more }),
        await ask('verify-full', { host: neither, more: `${more}&hostaddr=127.0.0.1` }),
        await ask('verify-ca', { host: address, more }),
      ]
    }
    expect(outcomes).toEqual({
      'IP:127.0.0.1': ['encrypted', 'unavailable', 'unavailable', 'encrypted'],
      'DNS:localhost': ['unavailable', 'encrypted', 'unavailable', 'encrypted'],
      'DNS:db.example': ['unavailable', 'unavailable', 'encrypted', 'encrypted'],
    })
  })

  test('files that cannot be read are told by the parameter, without their names', () => {
    const open = (more: string) => () => openClient(`postgres://h/d?sslmode=verify-full&${more}`, bounds)
    const bounds = { connections: 1, timeout: 1000, prepare: true, keepsSockets: true }
    expect(open('sslrootcert=/nowhere/ca.crt')).toThrow('Cannot read the sslrootcert file in DATABASE_URL (ENOENT)')
    expect(open('sslcert=/nowhere/a&sslkey=/nowhere/b')).toThrow(
      'Cannot read the sslcert file in DATABASE_URL (ENOENT)',
    )
    expect(open('sslrootcert=system')).not.toThrow()
  })

  test('a mode that there is not is refused by name', async () => {
    await expect(ask('sometimes')).rejects.toThrow('has an unknown sslmode: it must be one of disable, allow')
  })
})
