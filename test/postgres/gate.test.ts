import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGate } from '../../src/postgres/client/gate.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const refused = new Error('refused')

test('while connections fail, four a second are tried, whoever waits', async () => {
  const gate = createGate()
  let tried = 0
  let isOver = false
  const ask = async () => {
    while (!isOver) {
      const passed = await gate.pass().then(
        () => true,
        () => false,
      )
      if (!passed) continue
      tried++
      gate.failed(refused)
      await Promise.resolve()
    }
  }
  gate.failed(refused)
  const asking = Array.from({ length: 50 }, ask)
  await vi.advanceTimersByTimeAsync(10_000)
  isOver = true
  await vi.advanceTimersByTimeAsync(1000)
  await Promise.all(asking)
  expect(tried).toBeGreaterThanOrEqual(39)
  expect(tried).toBeLessThanOrEqual(45)
})

test('who waits hears at once that a try has failed, or that the database is back', async () => {
  const gate = createGate()
  gate.failed(refused)
  const outcomes: string[] = []
  const wait = () =>
    gate.pass().then(
      () => outcomes.push('go'),
      () => outcomes.push('failed'),
    )
  const first = [wait(), wait()]
  gate.failed(refused)
  await Promise.all(first)
  expect(outcomes.splice(0)).toEqual(['failed', 'failed'])
  const second = [wait(), wait()]
  gate.succeeded()
  await Promise.all(second)
  expect(outcomes).toEqual(['go', 'go'])
})

test('without a failure nobody waits', async () => {
  const gate = createGate()
  await Promise.all(Array.from({ length: 20 }, gate.pass))
  gate.failed(refused)
  await vi.advanceTimersByTimeAsync(1001)
  await Promise.all(Array.from({ length: 20 }, gate.pass))
})
