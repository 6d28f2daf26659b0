import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { readConfig, settingNames } from '../src/config/config.ts'
import { describeInEnvExample, describeInPage } from '../src/config/describe-settings.ts'

const file = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
const lines = file.split('\n')
const setting = /^#([A-Z0-9_]+)=(.*)$/
const shown = lines.flatMap((line, index) => {
  const [, name, value] = setting.exec(line) ?? []
  return name === undefined ? [] : [{ name, value: value ?? '', explanation: lines[index - 1] ?? '' }]
})

test('it names every setting once, and nothing else', () => {
  expect(shown.map(({ name }) => name).sort()).toEqual([...settingNames].sort())
})

test('it explains each in the line before it', () => {
  for (const { name, explanation } of shown)
    expect([name, explanation]).toEqual([name, expect.stringMatching(/^# .{10,}\.$/)])
})

test('as it is, it sets nothing', () => {
  expect(parseEnv(file)).toEqual({})
})

test('what it shows are the defaults', () => {
  const uncommented = parseEnv(lines.map((line) => line.replace(setting, '$1=$2')).join('\n'))
  expect(Object.keys(uncommented)).toHaveLength(settingNames.length)
  expect(readConfig(uncommented)).toEqual(readConfig({}))
})

test('it and docs/configuration.md are what `npm run settings` writes', () => {
  expect(file).toBe(describeInEnvExample())
  expect(readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')).toBe(describeInPage())
})
