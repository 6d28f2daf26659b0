import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from './support/start-server.ts'
import { openWorld } from './support/world.ts'

const world = await openWorld()

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

type Listed = { saved_platforms: { name: string }[]; unsaved_platforms: { name: string }[] }

test.skipIf(!has('curl') || !has('bash'))('the walkthrough does what it says (needs bash and curl)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'swob-walk-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const server = await startServer({ DATABASE_URL: world.databaseUrl, DATA_DIR: join(folder, '.data') })
  onTestFinished(async () => {
    await server.end('SIGTERM')
  })

  const page = await readFile('docs/walkthrough.md', 'utf8')
  const blocks = [...page.matchAll(/<!-- walk: (\w+) -->\n```sh\n([\s\S]*?)```/g)]
  expect(blocks.map(([, name]) => name)).toEqual(['accounts', 'gmail', 'twitter', 'telegram'])
  const walk = blocks
    .map(([, , commands]) => commands?.replaceAll('localhost:9000', `127.0.0.1:${server.port}`))
    .join('\n')
  const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', walk], { cwd: folder })
  expect(stderr).toBe('')

  const answers = stdout.trim().split('\n')
  const refused = answers.filter((line) => line.startsWith('"'))
  expect(refused).toEqual(['"forbidden"'])
  const lists = answers.filter((line) => line.includes('saved_platforms')).map((line) => JSON.parse(line) as Listed)
  expect(lists.map(({ saved_platforms: saved }) => saved.map(({ name }) => name))).toEqual([
    ['gmail'],
    [],
    ['twitter'],
    ['telegram'],
    ['telegram'],
    [],
  ])
  expect(lists.at(-1)?.unsaved_platforms.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['gmail', 'twitter', 'telegram']),
  )
  for (const step of ['register', 'password']) expect(stdout).toContain(`/telegram/protocols/twofactor/${step}"`)
  // What was taken back is ended at the platforms before the walk's reader has read on.
  await expect.poll(() => world.sql`select platform, last_error from revocations`).toEqual([])
})
