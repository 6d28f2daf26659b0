import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { builtProgram } from '../support/built-program.ts'
import { openOwnDatabase } from '../support/own-database.ts'
import { runCommand, startCommand } from '../support/run-command.ts'
import { openWorld } from '../support/world.ts'

const commands = 'src/main/commands'
const SECRET_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-command-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  return folder
}

const fillTrail = `
  insert into audit_events (at, event, outcome, network, keep_until)
  select now(), 'login', 'refused', 'bmV0d29yaw', now() + interval '1 day' from generate_series(1, 20000)`

test.each(['read-audit', 'list-sessions', 'list-revocations', 'rotate-keys', 'migrate'])(
  '%s makes no database and no keys where there are none, and says what it wants',
  async (command) => {
    const folder = await newFolder()
    const DATA_DIR = join(folder, 'data')
    const { code, output, complaints } = await runCommand(`${commands}/${command}.ts`, [], { DATA_DIR })
    expect([code, output]).toEqual([2, ''])
    expect(complaints).toBe(
      `No database: DATABASE_URL is not set, and ${DATA_DIR}/postgres doesn't exist. ` +
        "Give the command the server's settings: ENV_FILE=/path/to/.env\n",
    )
    expect(await readdir(folder)).toEqual([])
  },
)

test('a command makes no keys for a database that has some', async () => {
  const world = await openWorld()
  const DATA_DIR = await newFolder()
  const { code, complaints } = await runCommand(`${commands}/rotate-keys.ts`, [], {
    DATABASE_URL: world.databaseUrl,
    DATA_DIR,
  })
  expect(code).toBe(2)
  expect(complaints).toContain('SECRET_KEYS must be set as on the server')
  expect(await readdir(DATA_DIR)).toEqual([])
})

test("a command reads the server's settings from the file that ENV_FILE names, and says where it works", async () => {
  const world = await openWorld()
  const folder = await newFolder()
  const ENV_FILE = join(folder, 'api.env')
  await writeFile(ENV_FILE, `\uFEFFDATABASE_URL=${world.databaseUrl}\nSECRET_KEYS="${SECRET_KEYS}"\n`)
  const { code, announced, complaints } = await runCommand(`${commands}/read-audit.ts`, [], { ENV_FILE })
  const { host, pathname } = new URL(world.databaseUrl)
  expect([code, complaints]).toEqual([0, ''])
  expect(announced).toBe(`Settings: ${ENV_FILE}. Database: ${pathname.slice(1)} at ${host}, sslmode=disable.\n`)

  const wide = join(folder, 'wide.env')
  await writeFile(wide, Buffer.from('\uFEFFDATABASE_URL=x\n', 'utf16le'))
  const unreadable = await runCommand(`${commands}/read-audit.ts`, [], { ENV_FILE: wide })
  expect(unreadable.code).toBe(2)
  expect(unreadable.complaints).toContain(`${wide} is not UTF-8; save it as UTF-8\n`)
  const missing = await runCommand(`${commands}/read-audit.ts`, [], { ENV_FILE: join(folder, 'none') })
  expect(missing).toMatchObject({ code: 2, output: '', complaints: expect.stringContaining("can't be read (ENOENT)") })
})

test('output that nobody reads to its end ends the command quietly, and the Postgres that it started', async () => {
  const folder = await newFolder()
  const own = await openOwnDatabase(folder)
  const server = await own.start()
  await own.query(fillTrail)
  await server.end('SIGTERM')
  expect(await own.isStopped()).toBe(true)
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: folder, SECRET_KEYS }
  const pipe = `"${process.execPath}" ${builtProgram(`${commands}/read-audit.ts`)} | head -n 1; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', pipe], { env })
  expect(stdout).toMatch(/^\{.*\}\n0\n$/)
  expect(stderr).toBe(`Settings: the environment. Database: embedded, in ${folder}.\n`)
  expect(await own.isStopped()).toBe(true)
})

test('a command beside the server joins its Postgres; told to stop, it leaves it as it was', async () => {
  const folder = await newFolder()
  const own = await openOwnDatabase(folder)
  const server = await own.start()
  const { pid } = await own.postmaster()
  const owners = async () => JSON.parse(await readFile(join(folder, 'postgres', 'owners.json'), 'utf8')).owners
  const [holder] = await owners()
  const locked = own.query('begin; lock table audit_events in access exclusive mode; select pg_sleep(1000)')
  locked.catch(() => undefined)
  const isReading = async () => {
    const reading = `wait_event_type = 'Lock' and query like '%audit_events where id >%' and pid <> pg_backend_pid()`
    return (await own.query(`select from pg_stat_activity where ${reading}`)).length
  }
  await expect
    .poll(() =>
      own.query("select from pg_locks where mode = 'AccessExclusiveLock' and relation = 'audit_events'::regclass"),
    )
    .toHaveLength(1)

  const command = startCommand(`${commands}/read-audit.ts`, [], { DATA_DIR: folder, SECRET_KEYS })
  await expect.poll(isReading, { timeout: 120_000 }).toBe(1)
  expect(await owners()).toHaveLength(2)
  command.kill('SIGTERM')
  expect(await command.ended()).toMatchObject({ code: 143, output: '', complaints: '' })
  expect(await owners()).toEqual([holder])
  expect((await own.postmaster()).pid).toBe(pid)
  await own.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(1000)' and pid <> pg_backend_pid()",
  )
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})
