import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkWritable } from '../../src/postgres/check-writable.ts'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { isUnreachable } from '../../src/postgres/errors.ts'
import { fetchAt } from '../support/fetch-at.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { installedPostgres, startInstalledPostgres, startStandby } from '../support/start-installed-postgres.ts'
import { startServer } from '../support/start-server.ts'

const patient = { timeout: 300_000 }
const name = 'a primary and its standby'

describe.skipIf(!installedPostgres)(installedPostgres ? name : `${name} (skipped: no Postgres on this machine)`, () => {
  type Node = Awaited<ReturnType<typeof startInstalledPostgres>>
  let primary: Node
  let standby: Node
  beforeAll(async () => {
    primary = await startInstalledPostgres()
    standby = await startStandby(primary.url)
  })
  afterAll(async () => {
    await Promise.all([primary?.close(), standby?.close()])
  })

  /** Both, the standby first. */
  const both = (parameters = '') =>
    `postgres://postgres@${[standby, primary].map(({ url }) => new URL(url).host)}/postgres?${parameters}`

  function open(url: string) {
    const { client, close } = openClient(url, { connections: 3, timeout: 20_000, prepare: true, keepsSockets: true })
    onTestFinished(close)
    return openDatabase(client)
  }

  test('a standby is no database to write to', async () => {
    const asked = checkWritable(open(standby.url))
    await expect(asked).rejects.toSatisfy(isUnreachable)
  })

  test.each(['target_session_attrs=primary', 'target_session_attrs=read-write', ''])(
    'of two hosts the one that takes writes is found: %s',
    async (parameters) => {
      const db = open(both(parameters))
      const write = () => db.execute(sql`create table if not exists kept (id int)`)
      await write()
      expect(await db.execute(sql`select pg_is_in_recovery() as it`)).toEqual([{ it: false }])
      await Promise.all(Array.from({ length: 20 }, write))
    },
  )

  test(
    'when the primary is lost and the standby promoted, people go on, with one server and one URL',
    patient,
    async () => {
      const around = await openSurroundings()
      const folder = await mkdtemp(join(tmpdir(), 'swob-standby-'))
      const DATABASE_URL = both('target_session_attrs=primary')
      const server = await startServer({ ...around.settings, DATABASE_URL, DATA_DIR: folder, SANDBOX: 'false' })
      onTestFinished(async () => {
        await server.end('SIGTERM')
        await around.close()
        await rm(folder, { recursive: true, force: true })
      })
      const ada = new Person({ fetch: fetchAt(server.url), phone: around.phone }, { phoneNumber: randomPhoneNumber() })
      await ada.signUp()
      expect((await ada.logIn()).status).toBe(200)
      const behind = postgres(standby.url, { max: 1, onnotice: () => undefined })
      onTestFinished(() => behind.end())
      // All of it has arrived.
      const look = postgres(primary.url, { max: 1 })
      const [{ lsn } = {}] = await look`select pg_current_wal_lsn()::text as lsn`
      await look.end()
      const hasArrived = async () => (await behind`select pg_last_wal_replay_lsn() >= ${lsn}::pg_lsn as it`)[0]?.it
      await expect.poll(hasArrived).toBe(true)

      await primary.kill()
      const ready = async () => (await fetch(`${server.url}/readyz`)).status
      expect(await ready()).toBe(503)
      const statuses = [(await ada.logIn()).status]
      await behind`select pg_promote()`
      const logIn = async () => statuses[statuses.push((await ada.logIn()).status) - 1]
      await expect.poll(logIn, patient).toBe(200)
      await expect.poll(ready, patient).toBe(200)
      expect(new Set(statuses)).toEqual(new Set([503, 200]))
    },
  )
})
