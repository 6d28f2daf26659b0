import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { fetchAt } from '../support/fetch-at.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { runReadme } from '../support/readme-commands.ts'
import { smsWebhookServer } from '../support/sms-webhook-server.ts'
import { startServer } from '../support/start-server.ts'

const SECRET_KEYS = `kept:${randomBytes(32).toString('base64')}`
const sms = await smsWebhookServer()
const folder = await mkdtemp(join(tmpdir(), 'swob-copied-'))
// Where we are root, Postgres runs as another user, which must get to its data.
await chmod(folder, 0o711)
const [DATA_DIR, other, path] = [join(folder, 'data'), join(folder, 'other'), join(folder, 'programs')]
afterAll(async () => {
  await sms.close()
  await rm(folder, { recursive: true, force: true })
})

/** Processes that start take a busy machine a while. */
const patient = { timeout: 300_000 }

/** A server with a Postgres of its own, and people before it. */
async function start(DATA_DIR: string) {
  const gateway = { SMS_PROVIDER: 'webhook', SMS_WEBHOOK_URL: sms.url, SMS_WEBHOOK_SECRET: sms.secret }
  const server = await startServer({ DATA_DIR, SECRET_KEYS, SANDBOX: 'false', ...gateway })
  onTestFinished(async () => {
    await server.end('SIGTERM')
  })
  const phone = { lastCodeTo: (number: string) => sms.codeFor(number) ?? '' }
  const person = (phoneNumber = randomPhoneNumber()) =>
    new Person({ fetch: fetchAt(server.url), phone }, { phoneNumber })
  return { ...server, person }
}

test(
  "the server's own Postgres, copied while it is stopped, serves from the copy, and apart from it",
  patient,
  async () => {
    const first = await start(DATA_DIR)
    const ada = first.person()
    await ada.signUp()
    expect(await first.end('SIGTERM')).toBe(0)
    await mkdir(other, { mode: 0o711 })
    await runReadme('copy', { DATA_DIR, backup: join(other, 'postgres') })

    const [original, copy] = await Promise.all([start(DATA_DIR), start(other)])
    expect((await original.person(ada.phoneNumber).logIn()).status).toBe(200)
    expect((await copy.person(ada.phoneNumber).logIn()).status).toBe(200)
    const bola = copy.person()
    await bola.signUp()
    expect((await copy.person(bola.phoneNumber).logIn()).status).toBe(200)
    expect((await original.person(bola.phoneNumber).logIn()).status).toBe(401)
  },
)

test('the page on backups leads pg_dump to the Postgres of a server that runs', patient, async () => {
  await start(DATA_DIR)
  // The machine's own, if it has one, may be too old.
  await mkdir(path)
  await writeFile(join(path, 'pg_dump'), '#!/bin/sh\necho "$PGPASSWORD $*"\n', { mode: 0o755 })
  const backup = join(folder, 'backup')
  await runReadme('dump-own', { DATA_DIR, backup, path })
  const [password = '', ...args] = (await readFile(backup, 'utf8')).trim().split(' ')
  const url = args.find((arg) => arg.startsWith('--dbname='))?.slice('--dbname='.length)
  const sql = postgres(url ?? '', { password, max: 1 })
  expect(await sql`select from users`).toHaveLength(1)
  await sql.end()
})
