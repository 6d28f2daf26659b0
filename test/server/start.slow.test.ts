import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { waitForDatabase } from '../../src/postgres/client/wait-for-database.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { parseDatabaseUrl } from '../../src/postgres/url/parse-database-url.ts'
import { builtProgram } from '../support/built-program.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { freePort } from '../support/free-port.ts'
import { startServer } from '../support/start-server.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

async function start(databaseUrl: string, env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'swob-start-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const starting = startServer({ DATABASE_URL: databaseUrl, DATA_DIR: folder, SANDBOX: 'false', ...env })
  starting.catch(() => undefined)
  return {
    starting,
    async end() {
      const server = await starting
      expect(await server.end('SIGTERM')).toBe(0)
      return server.output()
    },
  }
}

test('a server that is there before its database takes connections waits, says so, and serves', async () => {
  const direct = new URL(await cloneDatabase())
  const port = await freePort()
  let taken = 0
  // What proxies do while nobody is behind them.
  const early = createServer((socket: Socket) => {
    taken++
    socket.on('error', () => undefined)
    socket.destroy()
  }).listen(port, '127.0.0.1')
  await once(early, 'listening')
  const url = Object.assign(new URL(direct), { port: String(port) }).href
  const server = await start(url)
  await expect.poll(() => taken, { timeout: 60_000 }).toBeGreaterThan(0)
  const began = performance.now()
  // The line comes after five seconds.
  await expect.poll(() => performance.now() - began, { timeout: 60_000, interval: 200 }).toBeGreaterThan(8000)
  // Four a second, and no crowd.
  expect(taken).toBeLessThan((8 * (performance.now() - began)) / 1000)
  early.close()
  await once(early, 'close')
  const proxy = await openTcpProxy({ host: direct.hostname, port: Number(direct.port) }, port)
  onTestFinished(proxy.close)
  const output = await server.end()
  expect(output.split('waiting for the database')).toHaveLength(2)
  expect(output).toContain('the database is available again')
  expect(output).not.toContain(direct.password)
})

test('a server does not start on a database that takes no writes, but waits for one that does', async () => {
  const url = await cloneDatabase()
  const look = postgres(url, { max: 1, onnotice: () => undefined })
  const { hostname, port } = new URL(url)
  const proxy = await openTcpProxy({ host: hostname, port: Number(port) })
  onTestFinished(async () => {
    await look.end()
    await proxy.close()
  })
  const name = look(new URL(url).pathname.slice(1))
  await look`alter database ${name} set default_transaction_read_only = on`
  const server = await start(Object.assign(new URL(url), { port: String(proxy.port) }).href)
  let isServing = false
  server.starting.then(
    () => {
      isServing = true
    },
    () => undefined,
  )
  // It was told no, and asks again.
  await expect.poll(proxy.opened, { timeout: 60_000 }).toBeGreaterThan(2)
  expect(isServing).toBe(false)
  await look`alter database ${name} reset default_transaction_read_only`
  await server.end()
})

test.each([
  ['a wrong password', (url: URL) => Object.assign(url, { username: 'nobody', password: 'hidden' })],
  ['a database that is not there', (url: URL) => Object.assign(url, { pathname: '/nowhere', password: url.password })],
  ['encryption that it does not offer', (url: URL) => Object.assign(url, { search: '?sslmode=require' })],
])('%s ends the start at once, with the reason', async (_, change) => {
  const url = change(new URL(await cloneDatabase()))
  const { starting } = await start(url.href)
  await expect(starting).rejects.toThrow(/the server ended with 1: .*cannot use the database at .*: ./s)
  await expect(starting).rejects.not.toThrow(url.password)
})

test.each([
  ['a port where nobody listens', async () => `127.0.0.1:${await freePort()}`],
  ['a name that is not there', async () => 'database.invalid'],
  ['a unix socket that is not there', async () => '%2Fnowhere'],
  ['two hosts of which none is there', async () => `127.0.0.1:${await freePort()},database.invalid`],
])('after its time the wait for %s ends, and says for what', async (_, host) => {
  const url = `postgres://me:hidden@${await host()}/swob`
  const { client, close } = openClient(url, { connections: 1, timeout: 5000, prepare: true, keepsSockets: true })
  onTestFinished(close)
  const log = { info: () => undefined, warn: () => undefined }
  const waited = waitForDatabase(openDatabase(client), { target: parseDatabaseUrl(url), log, timeout: 1 })
  await expect(waited).rejects.toThrow(
    /^the database at .+ was unavailable for \d+ s: .*(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENOENT)/,
  )
  await expect(waited).rejects.not.toThrow('hidden')
})

test('a server that waits for its database ends at SIGTERM', async () => {
  const taken = createServer((socket) => socket.on('error', () => undefined).destroy()).listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const folder = await mkdtemp(join(tmpdir(), 'swob-start-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { port } = taken.address() as AddressInfo
  const env = { DATABASE_URL: `postgres://me@127.0.0.1:${port}/swob`, DATA_DIR: folder, SANDBOX: 'false' }
  const child = spawn(process.execPath, [builtProgram('src/main/node.ts')], { env, stdio: 'ignore' })
  const exited = once(child, 'exit')
  await once(taken, 'connection')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})
