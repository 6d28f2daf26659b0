import { expect, test } from 'vitest'
import { openSender } from '../../src/sms/open-sender.ts'

test('writes the message as one line', async () => {
  const lines: string[] = []
  const sender = openSender({ provider: 'console', write: (line) => lines.push(line) })

  expect(
    await sender.send({ to: '+237650000000', code: '123456', purpose: 'signup', language: 'en', sentAt: 0 }),
  ).toEqual({})
  expect(lines).toEqual([
    expect.stringMatching(/^SMS to \+237650000000: 123456 is your SMSWithoutBorders sign-up code\./),
  ])
  expect(lines[0]).not.toContain('\n')
  expect(sender.check).toBeUndefined()
})
