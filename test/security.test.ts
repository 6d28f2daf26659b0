import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const text = readFileSync('SECURITY.md', 'utf8')

test('every proof that SECURITY.md names exists', () => {
  const named = [...new Set(text.match(/test\/[\w/-]+(\.test)?\.ts/g))]
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter((path) => !existsSync(path))).toEqual([])
})

test('what SECURITY.md says of no requirement is that it is a gap', () => {
  const rows = text.split('\n').filter((line) => /^\| \d/.test(line))
  expect(rows.length).toBeGreaterThan(50)
  for (const row of rows) expect(row).toMatch(/test\/|\*\*gap\*\*/)
})
