import { expect, test } from 'vitest'
import { createLog } from '../../src/server/log.ts'

test('a message that comes all the time is written sixty times a minute, and the next minute tells how many were left out', () => {
  const lines: { message: string; leftOut?: number; requestId?: number }[] = []
  let time = 0
  const log = createLog({
    level: 'debug',
    json: true,
    redact: (line) => line,
    write: (line) => void lines.push(JSON.parse(line)),
    now: () => time,
  })
  for (let requestId = 1; requestId <= 500; requestId++) log.warn('the SMS provider is unavailable', { requestId })
  expect(lines.map(({ requestId }) => requestId)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
  log.error('another message')
  expect(lines).toHaveLength(61)
  time = 60_000
  log.warn('the SMS provider is unavailable', { requestId: 501 })
  log.warn('the SMS provider is unavailable', { requestId: 502 })
  expect(lines.slice(61)).toMatchObject([{ requestId: 501, leftOut: 440 }, { requestId: 502 }])
  expect(lines.at(-1)).not.toHaveProperty('leftOut')
  for (let line = 0; line < 100; line++) log.debug?.('request')
  expect(lines.filter(({ message }) => message === 'request')).toHaveLength(100)
})
