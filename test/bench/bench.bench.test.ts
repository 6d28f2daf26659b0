import { execFile, execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Figure } from './figures.ts'

function hasWrk(): boolean {
  try {
    // It fails for want of a URL, unless it isn't there.
    execFileSync('wrk', ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}

const isPresent = hasWrk()

test.skipIf(!isPresent)(
  `the bench measures everything${isPresent ? '' : ' (skipped: needs wrk)'}`,
  { timeout: 300_000 },
  async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'bench', '--', '--smoke'])
    const { figures } = JSON.parse(await readFile('dist/bench/smoke.json', 'utf8')) as { figures: Figure[] }
    for (const { what, least, median, most } of figures) {
      expect(stdout).toContain(what)
      expect([least, median, most].every(Number.isFinite), what).toBe(true)
      expect(least <= median && median <= most, what).toBe(true)
      if (what.startsWith('statements that read all')) continue
      expect(least, what).toBeGreaterThan(0)
    }
    const targets = figures.filter(({ target }) => target)
    expect(targets.map(({ what }) => what)).toEqual([
      'GET dashboard: share of a bare Hono + postgres.js',
      'GET dashboard: CPU of server and database, a request',
      'GET dashboard: SQL statements',
      'GET platforms: share of a bare Hono + postgres.js',
      'GET platforms: CPU of server and database, a request',
      'GET platforms: SQL statements',
      'POST /login: share of the bare argon2id limit',
      'GET dashboard in a login storm: p99 in p99s of no storm',
      'start to first 200: in starts of a bare Hono server',
      'memory at rest: in that of a bare Hono + postgres.js',
      'memory after load: in that of a bare Hono + postgres.js',
      'GET dashboard: p50 with 2000 users, in that with 1000',
      'statements that read all of a table that grows',
    ])
  },
)
