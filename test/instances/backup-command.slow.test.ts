import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { migrateDatabase } from '../../src/postgres/migrate/migrate-database.ts'
import { createDatabase } from '../support/create-database.ts'
import { fetchAt } from '../support/fetch-at.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { runCommand } from '../support/run-command.ts'
import { startServer } from '../support/start-server.ts'

const commands = 'src/main/commands'
let around: Awaited<ReturnType<typeof openSurroundings>>
let folder: string
let file: string
let ada: Person
const closers: (() => Promise<unknown>)[] = []

const ownIn = (name: string) => ({ ...around.settings, DATA_DIR: join(folder, name) })
const backUp = (path: string, env: Record<string, string>) => runCommand(`${commands}/backup.ts`, [path], env)
const restore = (path: string, env: Record<string, string>) => runCommand(`${commands}/restore.ts`, [path], env)

function personAt({ url }: { url: string }, phoneNumber = randomPhoneNumber()): Person {
  return new Person({ fetch: fetchAt(url), phone: around.phone }, { phoneNumber })
}

/** A server with its own Postgres, from which people sign in all the time; and a backup of it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swob-backup-'))
  closers.push(() => rm(folder, { recursive: true, force: true }))
  // Where we are root, Postgres runs as another user, which must get to its data.
  await chmod(folder, 0o755)
  around = await openSurroundings()
  closers.push(around.close)
  const server = await startServer(ownIn('original'))
  closers.push(() => server.end('SIGTERM'))
  ada = personAt(server)
  await ada.signUp()
  await ada.logIn()
  await ada.connectGmail()
  file = join(folder, 'backup')
  let isDone = false
  const busy = (async () => {
    while (!isDone) expect((await ada.elsewhere().logIn()).status).toBe(200)
  })()
  const made = await backUp(file, ownIn('original'))
  isDone = true
  await busy
  expect(made).toMatchObject({ code: 0, complaints: '', output: expect.stringMatching(/: \d+ rows of \d+ tables\./) })
}, 300_000)

afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

test('only its owner can read it, and nothing half-written is left beside it', async () => {
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await readdir(folder)).filter((name) => name.startsWith('backup'))).toEqual(['backup'])
})

test('no other file is overwritten', async () => {
  const path = join(folder, 'precious')
  await writeFile(path, 'precious')
  const again = await backUp(path, ownIn('original'))
  expect(again).toMatchObject({ code: 1, output: '', complaints: expect.stringContaining('already exists') })
  expect(await readFile(path, 'utf8')).toBe('precious')
  expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([])
})

test.each(["a new Postgres of the server's own", 'an empty database'])(
  'into %s it brings everybody back',
  async (where) => {
    const env =
      where === 'an empty database'
        ? { ...ownIn('elsewhere'), DATABASE_URL: await createDatabase() }
        : ownIn('restored')
    const restored = await restore(file, env)
    expect(restored).toMatchObject({ code: 0, complaints: '' })
    expect(restored.output).toMatch(
      /^Restored \d+ rows from \S+; applied 0 newer migrations\. SECRET_KEYS can decrypt them\.\n$/,
    )
    const checked = await runCommand(`${commands}/rotate-keys.ts`, ['--check'], env)
    expect(checked.output).toContain('Everything can be decrypted.')

    const server = await startServer(env)
    onTestFinished(async () => {
      await server.end('SIGTERM')
    })
    const same = Object.assign(personAt(server, ada.phoneNumber), { uid: ada.uid, cookie: ada.cookie })
    expect(await same.savedPlatforms()).toEqual(['gmail'])
    // Events are numbered on.
    expect((await same.elsewhere().logIn(ada.password)).status).toBe(200)
    const bola = personAt(server)
    await bola.signUp()
    expect((await bola.logIn()).status).toBe(200)
    expect(await restore(file, env)).toMatchObject({
      code: 1,
      complaints: expect.stringContaining('the database is not empty'),
    })
  },
)

test.each([
  ['another', 'other'],
  ['one of the same name', 'shared'],
])('with %s key in the place of the right one nothing is written', async (_, id) => {
  const env = { ...ownIn(`never-${id}`), SECRET_KEYS: `${id}:${randomBytes(32).toString('base64')}` }
  const refused = await restore(file, env)
  expect(refused).toMatchObject({
    code: 1,
    output: '',
    complaints: expect.stringContaining('SECRET_KEYS cannot decrypt'),
  })
  expect(await readdir(folder)).not.toContain(`never-${id}`)
})

test('a file that was cut short, or is something else, restores nothing', async () => {
  const [short, other] = [join(folder, 'short'), join(folder, 'other')]
  await cp(file, short)
  await truncate(short, (await stat(short)).size - 20)
  await writeFile(other, 'something else')
  for (const path of [short, other]) {
    const refused = await restore(path, ownIn('never'))
    expect(refused).toMatchObject({
      code: 1,
      output: '',
      complaints: expect.stringContaining('is not a complete backup'),
    })
  }
  const missing = await restore(join(folder, 'missing'), ownIn('never'))
  expect(missing).toMatchObject({ code: 1, complaints: expect.stringContaining('ENOENT') })
  expect(await readdir(folder)).not.toContain('never')
})

test("an older version's is brought to this one's schema, and a newer one's is refused", async () => {
  const migrationsIn = async (count: number, more: object[] = []) => {
    const copy = join(folder, `drizzle-${count}`)
    await cp('drizzle', copy, { recursive: true })
    const path = join(copy, 'meta/_journal.json')
    const journal = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...journal, entries: [...journal.entries.slice(0, count), ...more] }))
    return { copy, all: journal.entries as { idx: number; when: number; tag: string }[] }
  }
  const { all, copy } = await migrationsIn(5)
  const older = { ...ownIn('elsewhere'), DATABASE_URL: await createDatabase() }
  await migrateDatabase(older.DATABASE_URL, copy)
  const path = join(folder, 'older')
  expect(await backUp(path, older)).toMatchObject({ code: 0 })
  const target = { ...ownIn('elsewhere'), DATABASE_URL: await createDatabase() }
  expect((await restore(path, target)).output).toContain(`applied ${all.length - 5} newer migrations.`)

  const sql = postgres(target.DATABASE_URL, { max: 1, onnotice: () => undefined })
  onTestFinished(() => sql.end())
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 9999999999999)`
  const newer = join(folder, 'newer')
  expect(await backUp(newer, target)).toMatchObject({ code: 0 })
  const refused = await restore(newer, { ...ownIn('elsewhere'), DATABASE_URL: await createDatabase() })
  expect(refused).toMatchObject({ code: 1, complaints: expect.stringContaining('made by a newer version') })
})
