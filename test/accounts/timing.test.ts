import { expect, test } from 'vitest'
import { noSendLimits } from '../support/no-send-limits.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

/**
 * Medians over interleaved pairs, so that whatever else the machine does meets both of a pair; the difference is judged by the time of a hash,
 * which is what a missing step would show. `npm run test:timing` takes 500 pairs and allows 5%; here it's only told whether a hash is missing.
 */
const pairs = Number(process.env.TIMING_PAIRS ?? 10)
const allowed = pairs >= 500 ? 0.05 : 0.5

const wrong = 'a wrong passphrase'
const world = await openWorld({
  env: {
    HIDE_ACCOUNTS: 'true',
    LOGIN_TRIES: '999999',
    OTP_RESEND_WAITS: '1',
    ...noSendLimits,
  },
})
const ada = world.person()
await ada.signUp()
const nobody = world.person()
nobody.uid = crypto.randomUUID()

async function milliseconds(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await action()
  return performance.now() - began
}

const median = (values: number[]) => values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN

/** The median difference of a pair, as a share of a hash's time. `prepare` isn't timed. */
async function difference(
  action: (person: Person) => Promise<unknown>,
  prepare: (person: Person) => Promise<Person> = async (person) => person,
): Promise<{ share: number; shown: string }> {
  const times: Record<'known' | 'unknown' | 'difference' | 'hash', number[]> = {
    known: [],
    unknown: [],
    difference: [],
    hash: [],
  }
  for (let pair = 0; pair < pairs; pair++) {
    const people = { known: await prepare(ada), unknown: await prepare(nobody) }
    const took = { known: 0, unknown: 0 }
    const order = ['known', 'unknown'] as const
    for (const who of pair % 2 === 0 ? order : order.toReversed()) {
      took[who] = await milliseconds(() => action(people[who]))
      times[who].push(took[who])
    }
    times.difference.push(took.known - took.unknown)
    times.hash.push(await milliseconds(() => world.services.passwords.verify(wrong, undefined)))
  }
  const hash = median(times.hash)
  const share = Math.abs(median(times.difference)) / hash
  const [known, unknown] = [median(times.known).toFixed(2), median(times.unknown).toFixed(2)]
  const shown = `known ${known} ms, unknown ${unknown} ms, hash ${hash.toFixed(2)} ms, difference ${(share * 100).toFixed(1)}% of it`
  return { share, shown }
}

const expectNone = ({ share, shown }: { share: number; shown: string }) => {
  if (process.env.TIMING_PAIRS) process.stdout.write(`${expect.getState().currentTestName}: ${shown}\n`)
  expect(share, shown).toBeLessThan(allowed)
}

const long = { timeout: 600_000, retry: 2 }

test('a wrong password and an unknown number', long, async () => {
  expectNone(await difference((person) => person.elsewhere().logIn(wrong)))
})

test('a wrong password and an unknown uid', long, async () => {
  expectNone(await difference((person) => person.elsewhere().verify(wrong)))
})

test('the start of a recovery of a known and of an unknown number', long, async () => {
  expectNone(await difference((person) => person.elsewhere().startRecovery()))
})

test('a sign-up with a known and with an unknown number', long, async () => {
  expectNone(await difference((person) => person.elsewhere().startSignUp()))
})

test('a code for a known and for an unknown number, and a wrong one entered', long, async () => {
  const prepare = async (person: Person) => {
    await world.sql`delete from code_waits`
    const browser = person.elsewhere()
    await browser.startRecovery()
    return browser
  }
  expectNone(await difference((person) => person.sendCode(), prepare))
  const sent = async (person: Person) => {
    const browser = await prepare(person)
    await browser.sendCode()
    return browser
  }
  expectNone(await difference((person) => person.enterCode('000000'), sent))
})
