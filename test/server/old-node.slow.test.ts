import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'

/** Programs named node that are too old: those in PATH, such as the distribution's, and those that OLD_NODES names. */
const oldNodes = new Map(
  [
    ...(process.env.OLD_NODES?.split(delimiter) ?? []),
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node')),
  ].flatMap((program) => {
    const { stdout = '' } = spawnSync(program, ['--version'], { encoding: 'utf8' })
    const [, version, major] = /^(v(\d+)\.\S+)/.exec(stdout ?? '') ?? []
    return version && Number(major) < 22 ? [[version, program] as const] : []
  }),
)

beforeAll(() => void execFileSync('npm', ['run', '--silent', 'build']))

describe.skipIf(oldNodes.size === 0)(oldNodes.size > 0 ? 'an old Node' : 'an old Node (skipped: none here)', () => {
  test.each([...oldNodes])(
    '%s is told which Node is needed, by the server and by every command',
    (version, program) => {
      const entries = readdirSync('dist/node').filter((name) => name.endsWith('.main.js'))
      expect(entries.length).toBeGreaterThan(5)
      for (const name of entries) {
        const entry = `dist/node/${name.replace('.main.js', '.js')}`
        const { status, stdout, stderr } = spawnSync(program, [entry], { encoding: 'utf8', env: {} })
        expect([entry, status, stdout]).toEqual([entry, 1, ''])
        expect(stderr).toMatch(/^SMSWithoutBorders needs Node 22\.12 or later, but \S+ is v[\d.]+\. .+\n$/)
        expect(stderr).toContain(version)
      }
    },
  )
})
