import { expect, test } from 'vitest'
import { createBackground } from '../../src/server/background.ts'

const log = () => {
  const errors: unknown[] = []
  const nothing = () => undefined
  return {
    errors,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (_: string, fields?: unknown) => errors.push(fields),
  }
}

test('work begins after the turn that asked for it, and closing waits for it, and for what it begins', async () => {
  const background = createBackground(log())
  const done: string[] = []
  background.begin(async () => {
    done.push('first')
    background.begin(async () => void done.push('second'))
  })
  await Promise.resolve()
  expect(done).toEqual([])
  await background.ended()
  expect(done).toEqual(['first', 'second'])
})

test('work that fails is logged, without taking anything with it', async () => {
  const logged = log()
  const background = createBackground(logged)
  background.begin(() => Promise.reject(new Error('out of order')))
  await background.ended()
  expect(logged.errors).toEqual([{ error: expect.objectContaining({ message: 'out of order' }) }])
})
