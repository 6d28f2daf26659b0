import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'

const folder = 'dist/worker'
const sizes = new Map<string, number>()

beforeAll(async () => {
  await promisify(execFile)('npm', ['run', '--silent', 'build:worker'])
  for (const name of await readdir(folder)) sizes.set(name, gzipSync(await readFile(join(folder, name))).byteLength)
})

const sum = (names: Iterable<string>) => [...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0)

/** A module and all that it imports without waiting: what a Worker reads before its first request. */
async function readAtOnce(name: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(name)) return found
  found.add(name)
  if (!name.endsWith('.js')) return found
  const code = await readFile(join(folder, name), 'utf8')
  for (const [, imported = ''] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
    await readAtOnce(basename(imported), found)
  return found
}

test('a Worker reads less than 250 KB before its first request', async () => {
  const atOnce = await readAtOnce('worker.js')
  expect([...atOnce].some((name) => name.endsWith('.wasm'))).toBe(true)
  expect(sum(atOnce)).toBeLessThan(250_000)
})

test('what only Node and Bun have is not in it', async () => {
  const code = await Promise.all([...sizes.keys()].map((name) => readFile(join(folder, name), 'utf8')))
  for (const words of ['collectDefaultMetrics', 'opentelemetry.js.api']) expect(code.join()).not.toContain(words)
})

test('with every platform it is smaller than 1 MB', () => {
  expect(sum(sizes.keys())).toBeLessThan(1_000_000)
})
