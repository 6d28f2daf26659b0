import { afterEach, expect, test, vi } from 'vitest'
import { watchClock } from '../../src/maintenance/watch-clock.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()
afterEach(() => void vi.useRealTimers())

test.each([600, -600])('a clock that is %i seconds ahead is said to be wrong', async (seconds) => {
  world.logged.length = 0
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
  expect(await watchClock(world.services)).toBeCloseTo(seconds, -2)
  expect(world.logged).toEqual([expect.stringMatching(/"level":"error".*clock.*"secondsAhead":-?(59|60)\d/)])
})

test('a clock that is right is not spoken of', async () => {
  world.logged.length = 0
  await watchClock(world.services)
  expect(world.logged).toEqual([])
})
