import { expect, test } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { limitHashing } from '../../src/limits/limit-hashing.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

/** Hashing that goes on until it's let end, and how much of it goes on. */
function slowPasswords() {
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  const seen = { running: 0, most: 0, done: 0 }
  async function slowly<Result>(work: Promise<Result>): Promise<Result> {
    seen.most = Math.max(seen.most, ++seen.running)
    await gate.promise
    seen.running--
    seen.done++
    return work
  }
  return {
    seen,
    stop: () => {
      gate = Promise.withResolvers()
      Object.assign(seen, { most: 0, done: 0 })
    },
    goOn: () => gate.resolve(),
    hash: (password: string) => slowly(plainPasswords.hash(password)),
    verify: (password: string, phc: string | undefined) => slowly(plainPasswords.verify(password, phc)),
  }
}

test('so many are hashed at once as may be, so many wait, and the rest is refused at once', async () => {
  const slow = slowPasswords()
  const limited = limitHashing(slow, { running: 2, waiting: 3 })
  slow.stop()
  const five = times(5, () => limited.verify('a', 'plain a'))
  for (let attempt = 0; attempt < 10; attempt++) await expect(limited.hash('b')).rejects.toThrow(UnavailableError)
  slow.goOn()
  expect(await Promise.all(five)).toEqual(Array(5).fill(true))
  expect(slow.seen).toEqual({ running: 0, most: 2, done: 5 })
  expect(await limited.hash('b')).toBe('plain b')
})

test('a hash that fails gives its place to the next', async () => {
  const failing = async () => {
    throw new Error('no memory')
  }
  const limited = limitHashing({ hash: failing, verify: failing }, { running: 1, waiting: 100 })
  const results = await Promise.allSettled(times(50, () => limited.hash('a')))
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(50)
  await expect(limited.verify('a', undefined)).rejects.toThrow('no memory')
})

test('while the queue is full, logins and sign-ups get 503 with Retry-After, all else is served, and no try is counted', async () => {
  const slow = slowPasswords()
  const limited = limitHashing(slow, { running: 2, waiting: 4 })
  let arrived = 0
  const verify: typeof limited.verify = (password, phc) => {
    arrived++
    return limited.verify(password, phc)
  }
  const world = await openWorld({ services: { passwords: { ...limited, verify } } })
  const ada = await world.signedUpPerson()
  slow.stop()
  arrived = 0
  const flood = times(6, () => world.person().logIn())
  while (arrived < 6) await new Promise(setImmediate)

  const late = await Promise.all([
    ...times(20, () => world.person().logIn()),
    ...times(20, () => world.person().startSignUp()),
    ...times(4, () => ada.elsewhere().logIn()),
  ])
  expect(new Set(late.map(({ status, headers }) => `${status} after ${headers.get('Retry-After')}`))).toEqual(
    new Set(['503 after 2']),
  )
  for (let attempt = 0; attempt < 6; attempt++) expect((await ada.elsewhere().verify()).status).toBe(503)
  expect((await ada.dashboard()).status).toBe(200)
  expect(await ada.savedPlatforms()).toEqual([])
  expect(slow.seen).toEqual({ running: 2, most: 2, done: 0 })

  slow.goOn()
  expect(await countStatuses(flood)).toEqual({ 401: 6 })
  expect(slow.seen).toEqual({ running: 0, most: 2, done: 6 })
  const [counted] =
    await world.sql`select coalesce(sum(tries), 0)::int as tries from password_tries where subject = ${ada.uid}`
  expect(counted).toEqual({ tries: 0 })
  expect((await ada.elsewhere().logIn()).status).toBe(200)
})
