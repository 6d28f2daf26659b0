import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { settingNames } from '../../src/config/config.ts'
import { findProgram } from '../support/find-program.ts'

const analyze = findProgram('systemd-analyze')
const unit = 'docs/deploy/smswithoutborders.service'
const name = "the service's unit"

describe.skipIf(!analyze)(analyze ? name : `${name} (skipped: no systemd-analyze here)`, () => {
  test('is one that systemd understands', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swob-unit-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const release = join(folder, 'current')
    await mkdir(join(release, 'node_modules/node/bin'), { recursive: true })
    await cp(process.execPath, join(release, 'node_modules/node/bin/node'))
    const written = join(folder, 'smswithoutborders.service')
    await writeFile(written, (await readFile(unit, 'utf8')).replaceAll('/srv/smswithoutborders/current', release))
    const output = execFileSync(analyze ?? '', ['verify', '--man=no', '--recursive-errors=no', written], {
      encoding: 'utf8',
    })
    expect(output).toBe('')
  })

  test('exposes little of the machine', () => {
    const arguments_ = ['security', '--offline=true', '--no-pager', '--threshold=20', unit]
    const output = execFileSync(analyze ?? '', arguments_, { encoding: 'utf8' })
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(output) ?? []
    expect(Number(exposure)).toBeLessThanOrEqual(2)
  })
})

test('the unit starts the Node of the release, after a Postgres of the machine, and again without end', async () => {
  const text = await readFile(unit, 'utf8')
  expect(text).toContain('\nExecStart=/srv/smswithoutborders/current/node_modules/node/bin/node dist/node/node.js\n')
  expect(text).toMatch(/\nAfter=.*\bpostgresql\.service\b/)
  expect(text).toContain('\nStartLimitIntervalSec=0\n')
  expect(text).toContain('\nRestart=always\nRestartSec=2\n')
})

test('its chapter names files that there are, settings that there are, and commands that package.json has', async () => {
  const text = await readFile('docs/deploy/systemd.md', 'utf8')
  for (const [, path = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) await readFile(join('docs/deploy', path))
  for (const [, setting = ''] of text.matchAll(/^([A-Z_]+)=/gm)) expect(settingNames).toContain(setting)
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
  for (const [, script = ''] of text.matchAll(/(?:swob|npm run) ([a-z][a-z:]*)/g))
    expect(Object.keys(scripts)).toContain(script)
})
