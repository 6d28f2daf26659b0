import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openOwnDatabase } from '../support/own-database.ts'
import type { Person } from '../support/person.ts'

const timeout = 60_000
const patient = { timeout: 2 * timeout }

async function newDatabase() {
  const folder = await mkdtemp(join(tmpdir(), 'swob-death-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  // So that root's Postgres, which runs as another user, keeps its data here.
  await chmod(folder, 0o755)
  return openOwnDatabase(folder)
}

/** A server with somebody in it, whose Postgres was just killed. */
async function bereaved() {
  const database = await newDatabase()
  const server = await database.start()
  const ada = database.person(server)
  await ada.signUp()
  const { pid, port } = await database.postmaster()
  process.kill(pid, 'SIGKILL')
  return { database, server, ada, port }
}

/** Logs in until it works. The answers on the way. */
async function statusesUntilLogin(person: Person): Promise<number[]> {
  const statuses: number[] = []
  await expect.poll(async () => statuses[statuses.push((await person.logIn()).status) - 1], { timeout }).toBe(200)
  return statuses
}

const timesIn = (output: string, words: string) => output.split(words).length - 1
const hasDied = 'the embedded Postgres died; restarting it'

test(
  'when Postgres is killed, the server answers again by itself, with all that it had, and the log says why',
  patient,
  async () => {
    const database = await newDatabase()
    const server = await database.start()
    const ada = database.person(server)
    await ada.signUp()
    await ada.logIn()
    const before = await database.postmaster()
    for (const round of [1, 2]) {
      const { pid, port } = await database.postmaster()
      process.kill(pid, 'SIGKILL')
      const statuses = await statusesUntilLogin(ada)
      expect([...new Set([...statuses, 200])].sort()).toEqual(statuses.length > 1 ? [200, 503] : [200])
      const after = await database.postmaster()
      expect([after.port, after.pid === pid]).toEqual([port, false])
      expect(timesIn(server.output(), hasDied)).toBe(round)
    }
    expect((await database.postmaster()).port).toBe(before.port)
    expect(server.output()).toMatch(/error .*Postgres died.*"said":\[.*database system is ready to accept connections/)
    expect((await ada.dashboard()).status).toBe(200)
    expect(await server.end('SIGINT')).toBe(0)
    expect(await database.isStopped()).toBe(true)
  },
)

test('of two servers that share a Postgres one starts it again, and the last of them stops it', patient, async () => {
  const database = await newDatabase()
  const servers = [await database.start(), await database.start()] as const
  const [ada, bola] = [database.person(servers[0]), database.person(servers[1])]
  for (const person of [ada, bola]) await person.signUp()
  process.kill((await database.postmaster()).pid, 'SIGKILL')
  await Promise.all([ada, bola].map(statusesUntilLogin))
  const output = () => servers.map((server) => server.output()).join('')
  await expect.poll(() => timesIn(output(), 'another process restarted the embedded Postgres'), { timeout }).toBe(1)
  expect(timesIn(output(), hasDied)).toBe(1)

  expect(await servers[0].end('SIGTERM')).toBe(0)
  expect((await bola.logIn()).status).toBe(200)
  // Found running, not started, by whom it may be: it's all the same.
  process.kill((await database.postmaster()).pid, 'SIGKILL')
  await statusesUntilLogin(bola)
  expect(await servers[1].end('SIGTERM')).toBe(0)
  expect(await database.isStopped()).toBe(true)
})

test(
  'a server that opens while Postgres is dead finds it, or starts it, where the others look for it',
  patient,
  async () => {
    const { database, ada, port } = await bereaved()
    await database.start()
    expect((await database.postmaster()).port).toBe(port)
    await statusesUntilLogin(ada)
  },
)

test(
  'while its port is taken Postgres is tried again and again, and comes back when the port is free',
  patient,
  async () => {
    const { server, ada, port } = await bereaved()
    const stranger = createServer((socket) => socket.destroy())
    await listenAt(stranger, port)
    await expect.poll(() => timesIn(server.output(), 'could not bind IPv4'), { timeout }).toBeGreaterThanOrEqual(2)
    expect((await ada.logIn()).status).toBe(503)
    stranger.close()
    await statusesUntilLogin(ada)
  },
)

test.each([
  ['before its death is noticed', async () => undefined],
  ['when its death was noticed', (output) => expect.poll(output, { timeout, interval: 1 }).toContain(hasDied)],
] as [string, (output: () => string) => unknown][])(
  'Ctrl-C while Postgres is dead ends the server orderly: %s',
  patient,
  async (_, moment) => {
    const database = await newDatabase()
    const server = await database.start()
    const { pid, port } = await database.postmaster()
    process.kill(pid, 'SIGKILL')
    await moment(server.output)
    expect(await server.end('SIGINT')).toBe(0)
    expect(server.output()).toContain('stopped')
    expect(await database.isStopped()).toBe(true)
    await listenAt(createServer().unref(), port)
  },
)

test('Ctrl-C while Postgres can not be started again ends the server orderly', patient, async () => {
  const database = await newDatabase()
  const server = await database.start()
  const { pid, port } = await database.postmaster()
  process.kill(pid, 'SIGKILL')
  await listenAt(createServer().unref(), port)
  await expect.poll(server.output, { timeout }).toContain('could not bind IPv4')
  expect(await server.end('SIGINT')).toBe(0)
  expect(await database.isStopped()).toBe(true)
})

/** Its connections to the killed Postgres may still be ending. */
async function listenAt(stranger: ReturnType<typeof createServer>, port: number): Promise<void> {
  onTestFinished(() => void stranger.close())
  await expect
    .poll(
      async () => {
        stranger.listen(port, '127.0.0.1')
        return once(stranger, 'listening').then(
          () => true,
          () => false,
        )
      },
      { timeout, interval: 10 },
    )
    .toBe(true)
}
