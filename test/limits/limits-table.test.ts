import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig, settingNames } from '../../src/config/config.ts'
import { times } from '../support/count-statuses.ts'
import { readLimitsTable } from '../support/read-limits-table.ts'
import { limitScenarios } from './limit-scenarios.ts'
import { type Answer, type Cell, limit, openLimitWorld, tries } from './limit-world.ts'

const rows = readLimitsTable(readFileSync(new URL('../../docs/operations/limits.md', import.meta.url), 'utf8'))
const defaults = readConfig({}).settings

test('every row of the tables has its scenario, and every scenario its row', () => {
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(limitScenarios).sort())
})

test('every setting that the tables name exists', () => {
  for (const { settings } of rows) for (const name of settings) expect(settingNames).toContain(name)
})

describe.each(rows)('$name', ({ name, ...row }) => {
  const scenario = limitScenarios[name]

  test('the page says what holds without settings', () => {
    for (const window of ['hour', 'day'] as const)
      expect([window, row[window]]).toEqual([window, scenario?.[window]?.says(defaults) ?? '–'])
  })

  for (const window of ['hour', 'day'] as const) {
    const cell = scenario?.[window]
    if (cell)
      test(`${window}: of parallel attempts at two instances no more pass than are allowed, and again when it is over`, () =>
        tryCell(cell))
  }
})

async function tryCell(cell: Cell): Promise<void> {
  const world = await openLimitWorld(cell.env(limit), { sandbox: cell.sandbox ?? false })
  if ('check' in cell) return cell.check(world)
  const passes = cell.passes ?? 200
  for (const count of [tries, limit]) {
    const attempts: (() => Promise<Answer>)[] = await Promise.all(times(count, () => cell.prepare(world)))
    const answers: Answer[] = []
    if (cell.inTurn) for (const attempt of attempts) answers.push(await attempt())
    else answers.push(...(await Promise.all(attempts.map((attempt) => attempt()))))
    expect(answers.filter(({ status }) => status === passes)).toHaveLength(limit)
    const refused = answers.filter(({ status }) => status !== passes)
    expect(refused.map(({ status }) => status)).toEqual(times(count - limit, () => 429))
    for (const { headers } of refused) expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0)
    await world.passTime(cell.seconds + 1)
  }
}
