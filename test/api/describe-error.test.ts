import { DrizzleQueryError } from 'drizzle-orm/errors'
import { describe, expect, test } from 'vitest'
import { describeCause, describeError } from '../../src/api/describe-error.ts'
import { ProviderError, UnavailableError } from '../../src/errors.ts'

const secret = 'hunter2'
const logged = (error: unknown) => JSON.stringify(describeError(error))

const thrownBy = async (work: () => unknown): Promise<Error> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}

describe('an error in the log tells nothing of', () => {
  test.each<[name: string, work: () => unknown]>([
    ['an address with credentials, which fetch refuses', () => fetch(`https://me:${secret}@sms.example/?a=${secret}`)],
    ['an address that is none', () => fetch(`https://[${secret}]:x/`)],
    ['text that is no JSON', () => JSON.parse(`<html>${secret}`)],
    ['lines after the first of a message', () => Promise.reject(new Error(`https://x/${secret}\n  at ${secret}\n`))],
  ])('%s', async (_, work) => {
    const error = await thrownBy(work)
    expect(logged(error)).not.toContain(secret)
    expect(logged(new UnavailableError('it', { cause: error }))).not.toContain(secret)
  })

  test('what Postgres could not read', () => {
    const error = Object.assign(new Error(`invalid input syntax for type uuid: "${secret}"`), { code: '22P02' })
    expect(describeError(error)).toMatchObject({ code: '22P02', message: 'invalid input syntax for type uuid' })
    expect(logged(new DrizzleQueryError('select $1', [secret], error))).not.toContain(secret)
  })

  test('what a library threw while a provider was asked, however deep', () => {
    const thrown = Object.assign(new Error(`Bearer ${secret} is no header`, { cause: new TypeError(secret) }), {
      code: secret,
      config: { secret },
    })
    for (const error of [
      new UnavailableError('Twitter', { cause: thrown }),
      new ProviderError('twitter finish failed', { cause: thrown }),
    ]) {
      expect(logged(error)).toContain('TypeError')
      expect(logged(error).replaceAll('"code":"hunter2"', '')).not.toContain(secret)
    }
    expect(JSON.stringify(describeCause(new UnavailableError('it', { cause: new Error(secret) })))).not.toContain(
      secret,
    )
  })
})

test('an error of our own is told with its words, and any with the place where it was thrown', () => {
  const cause = new ProviderError('Google answered 401 invalid_client')
  expect(describeCause(new UnavailableError('Google', { cause }))).toMatchObject({
    name: 'ProviderError',
    message: 'Google answered 401 invalid_client',
    stack: expect.arrayContaining([expect.stringMatching(/^at .*describe-error\.test\.ts:\d+:\d+/)]),
  })
  expect(describeError(new TypeError("Cannot read properties of undefined (reading 'x')"))).toMatchObject({
    message: "Cannot read properties of undefined (reading 'x')",
  })
})
