import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findProgram } from './support/find-program.ts'

const root = new URL('..', import.meta.url)
const secret = [
  ...[
    '.env',
    '.env.local',
    '.env.production',
    '.dev.vars',
    '.dev.vars.production',
    '.data/secret-keys',
    '.data/sms.txt',
  ],
  ...['tls.pem', 'tls.key', 'client.p12', 'secret-keys', 'sms.txt', 'swob.dump', 'swob.backup', 'core', 'core.1234'],
  ...['Heap.20261127.heapsnapshot', '.wrangler/state/x'],
]
const wanted = [
  '.env.example',
  'drizzle/0000_accounts.sql',
  'src/core.ts',
  'src/config/secrets.ts',
  'package-lock.json',
]

describe.skipIf(!findProgram('git'))('git', () => {
  test('never takes in settings, keys or data, in whatever folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'swob-ignored-'))
    try {
      execFileSync('git', ['init', '-q', folder])
      copyFileSync(new URL('.gitignore', root), join(folder, '.gitignore'))
      const isIgnored = (path: string) => spawnSync('git', ['-C', folder, 'check-ignore', '-q', path]).status === 0
      for (const path of secret)
        for (const at of [path, `deploy/${path}`]) expect([at, isIgnored(at)]).toEqual([at, true])
      for (const path of wanted) expect([path, isIgnored(path)]).toEqual([path, false])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('an image gets none of what git ignores, wherever it lies', () => {
  const entries = (name: string) =>
    readFileSync(new URL(name, root), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^[#!]/.test(line))
      .map((line) => line.replace(/^\*\*\//, '').replace(/\/$/, ''))
  // Made by the build and by the tests, which run elsewhere.
  const missing = entries('.gitignore').filter((entry) => !entries('.dockerignore').includes(entry))
  expect(missing).toEqual(['.vitest'])
})

test("the client's package holds its build and nothing else", () => {
  const { files } = JSON.parse(readFileSync(new URL('client/package.json', root), 'utf8'))
  expect(files).toEqual(['dist'])
})
