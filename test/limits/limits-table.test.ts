import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { times } from '../support/count-statuses.ts'
import { readLimitsTable } from '../support/read-limits-table.ts'
import { limitScenarios, openLimitWorld } from './limit-scenarios.ts'

const page = readFileSync(new URL('../../docs/operations/limits.md', import.meta.url), 'utf8')
const rows = readLimitsTable(page)
const limit = 3
const tries = 9
const windows = { hourly: 3600, daily: 86_400 } as const

test('every row of the table has its scenario, and every scenario its row', () => {
  expect(rows.length).toBeGreaterThan(8)
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(limitScenarios).sort())
})

describe.each(rows)('$name', ({ name, ...row }) => {
  const scenario = limitScenarios[name]

  test('the page says what holds without settings', () => {
    for (const window of ['hourly', 'daily'] as const)
      expect([window, row[window]]).toEqual([window, scenario?.[window]?.of(readConfig({}).settings)])
  })

  for (const window of ['hourly', 'daily'] as const) {
    const cell = scenario?.[window]
    if (!cell) continue
    test(`${window}: of parallel attempts at two instances as many pass as are allowed, and again when the window is over`, async () => {
      const world = await openLimitWorld(cell.env(limit))
      const attempts = await Promise.all(times(tries, () => cell.prepare(world)))
      const passed = async () => {
        const answers: Awaited<ReturnType<(typeof attempts)[number]>>[] = []
        const making = attempts.splice(0, tries)
        if (cell.inTurn) for (const attempt of making) answers.push(await attempt())
        else answers.push(...(await Promise.all(making.map((attempt) => attempt()))))
        for (const answer of answers.filter(({ status }) => status === 429))
          expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
        expect(answers.filter(({ status }) => status !== 429 && status >= 400)).toEqual([])
        return answers.filter(({ ok }) => ok).length
      }
      expect(await passed()).toBe(limit)
      await world.passTime(windows[window] + 1)
      attempts.push(...(await Promise.all(times(limit, () => cell.prepare(world)))))
      expect(await passed()).toBe(limit)
    })
  }
})
