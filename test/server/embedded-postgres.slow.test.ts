import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterAll, describe, expect, test } from 'vitest'
import { openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'

const folders: string[] = []
const children: ChildProcess[] = []

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-postgres-'))
  folders.push(folder)
  return folder
}

async function query(url: string, text: string) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return (await sql.unsafe(text)).map((row) => Object.values(row)[0])
  } finally {
    await sql.end()
  }
}

/** A process of its own group that opens the folder, as a server does in a terminal. */
function holdInChild(folder: string) {
  const script = join(import.meta.dirname, 'hold-embedded-postgres.ts')
  const child = spawn(process.execPath, [script, folder], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  return {
    url: async () => {
      for await (const line of createInterface({ input: child.stdout })) return line
      throw new Error('the child opened nothing')
    },
    close: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
    killGroup: async () => {
      const exited = once(child, 'exit')
      process.kill(-(child.pid ?? Number.NaN), 'SIGKILL')
      await exited
    },
  }
}

const postmasterPid = async (folder: string) =>
  Number.parseInt(await readFile(join(folder, 'data/postmaster.pid'), 'utf8'), 10)
const isStopped = async (folder: string) => !(await readdir(join(folder, 'data'))).includes('postmaster.pid')

afterAll(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

describe.concurrent('the embedded Postgres', { timeout: 180_000 }, () => {
  test('makes its data at the first start and keeps it for the next', async () => {
    const folder = await newFolder()
    const first = await openEmbeddedPostgres({ folder })
    expect(await query(first.url, 'select 1')).toEqual([1])
    expect(await query(first.url, 'show server_encoding')).toEqual(['UTF8'])
    expect(await query(first.url, `select upper('é')`)).toEqual(['É'])
    expect(await query(first.url, 'show fsync')).toEqual(['on'])
    await query(first.url, 'create table notes as select 42 as answer')
    await Promise.all([first.close(), first.close()])
    await first.close()
    expect(await isStopped(folder)).toBe(true)
    await expect(query(first.url, 'select 1')).rejects.toThrow('ECONNREFUSED')

    const second = await openEmbeddedPostgres({ folder })
    expect(await query(second.url, 'select answer from notes')).toEqual([42])
    await second.close()
    expect((await readdir(folder)).sort()).toEqual(['data', 'owners.json', 'password', 'postgres.log'])
  })

  test('lets nobody in without the password, which only its owner can read', async () => {
    const folder = await newFolder()
    const { url, close } = await openEmbeddedPostgres({ folder, durable: false })
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600)
    await close()
  })

  test('takes over the Postgres of a killed process and stops it in the end', async () => {
    const folder = await newFolder()
    const child = holdInChild(folder)
    const childUrl = await child.url()
    const pid = await postmasterPid(folder)
    await child.killGroup()
    expect(await query(childUrl, 'select 1')).toEqual([1])
    const { url, close } = await openEmbeddedPostgres({ folder, durable: false })
    expect(url).toBe(childUrl)
    expect(await postmasterPid(folder)).toBe(pid)
    await close()
    expect(await isStopped(folder)).toBe(true)
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  })

  test('refuses data that was copied while it was in use, and leaves the Postgres alone that uses the original', async () => {
    const [folder, copied] = [await newFolder(), await newFolder()]
    const { url, close } = await openEmbeddedPostgres({ folder, durable: false })
    await promisify(execFile)('cp', ['-a', `${folder}/.`, copied])
    await expect(openEmbeddedPostgres({ folder: copied, durable: false })).rejects.toThrow(/copied while .* in use/)
    expect(await query(url, 'select 1')).toEqual([1])
    await close()
  })

  test('starts the Postgres of a killed process anew where its settings differ', async () => {
    const folder = await newFolder()
    const child = holdInChild(folder)
    await query(await child.url(), 'create table notes as select 42 as answer')
    await child.killGroup()
    const { url, close } = await openEmbeddedPostgres({ folder, durable: true })
    expect(await query(url, 'show fsync')).toEqual(['on'])
    expect(await query(url, 'select answer from notes')).toEqual([42])
    await close()
  })

  test('is shared by all who open it at once, and ends with the last of them', async () => {
    const folder = await newFolder()
    const [one, two] = [holdInChild(folder), holdInChild(folder)]
    const [mine, ...theirs] = await Promise.all([
      openEmbeddedPostgres({ folder, durable: false }),
      one.url(),
      two.url(),
    ])
    expect(theirs).toEqual([mine.url, mine.url])
    await one.close()
    await mine.close()
    expect(await query(mine.url, 'select 1')).toEqual([1])
    const late = await openEmbeddedPostgres({ folder, durable: true })
    expect(late.url).toBe(mine.url)
    await late.close()
    expect(await isStopped(folder)).toBe(false)
    await two.close()
    expect(await isStopped(folder)).toBe(true)
  })

  test('starts after a power cut, also when the old process id is somebody else by now', async () => {
    const folder = await newFolder()
    const before = await openEmbeddedPostgres({ folder })
    await query(before.url, 'create table notes as select 42 as answer')
    const pid = await postmasterPid(folder)
    process.kill(pid, 'SIGKILL')
    const after = await openEmbeddedPostgres({ folder })
    expect(await query(after.url, 'select answer from notes')).toEqual([42])
    await before.close()
    await after.close()

    const stale = `${process.pid}\n${join(folder, 'data')}\n1\n1\n\n127.0.0.1\n\nready\n`
    await writeFile(join(folder, 'data/postmaster.pid'), stale, { mode: 0o600 })
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: 'at another time' }))
    const { url, close } = await openEmbeddedPostgres({ folder })
    expect(await query(url, 'select answer from notes')).toEqual([42])
    await close()
  })

  test('cleans up what a process left that was killed during the first start', async () => {
    const folder = await newFolder()
    const child = holdInChild(folder)
    await expect.poll(() => readdir(folder), { interval: 5 }).toContainEqual(expect.stringMatching(/^data\.new-/))
    await child.killGroup()
    await mkdir(join(folder, 'programs.new-1/bin'), { recursive: true })
    const { url, close } = await openEmbeddedPostgres({ folder, durable: false })
    expect(await query(url, 'select 1')).toEqual([1])
    await close()
    expect((await readdir(folder)).sort()).toEqual(['data', 'owners.json', 'password', 'postgres.log'])
  })

  test('says why it does not start', async () => {
    const folder = await newFolder()
    await (await openEmbeddedPostgres({ folder, durable: false })).close()
    await rm(join(folder, 'data/global/pg_control'))
    await expect(openEmbeddedPostgres({ folder })).rejects.toThrow(
      /Cannot start Postgres on.*could not find the database system/s,
    )
    await writeFile(join(folder, 'data/PG_VERSION'), '12\n')
    await expect(openEmbeddedPostgres({ folder })).rejects.toThrow(
      /was created by Postgres 12; Postgres 18 cannot read it/,
    )
  })

  // Only root changes to another user, for whom a folder below a closed one is out of reach.
  test.skipIf(process.geteuid?.() !== 0)('works for root below a folder that is closed to others', async () => {
    const closed = await newFolder()
    await writeFile(join(closed, 'secret'), '')
    await chmod(closed, 0o700)
    const lines: string[] = []
    const folder = join(closed, `it's "my" $folder`)
    const { url, close } = await openEmbeddedPostgres({
      folder,
      durable: false,
      log: { info: (line) => lines.push(line), error: expect.unreachable },
    })
    const place = /; using (.*) for the/.exec(lines[0] ?? '')?.[1] ?? ''
    folders.push(place)
    expect(await query(url, 'select 1')).toEqual([1])
    await close()
    expect(lines).toEqual([expect.stringContaining(place)])
    expect((await stat(closed)).mode & 0o777).toBe(0o700)
    const owner = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout.trim()
    expect(`${(await stat(join(place, 'data'))).uid}`).toBe(owner)
  })

  test('works in a folder whose name needs quoting', async () => {
    const folder = join(await newFolder(), `it's "my" $HOME folder`)
    if (process.geteuid?.() === 0) await chmod(dirname(folder), 0o755)
    const { url, close } = await openEmbeddedPostgres({ folder, durable: false })
    expect(await query(url, 'select 1')).toEqual([1])
    expect((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[1]).toBe(join(folder, 'data'))
    await close()
  })
})
