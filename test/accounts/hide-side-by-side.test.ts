import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSides, type Side, type Sides } from './side-by-side.ts'
import type { Stranger } from './stranger.ts'

const keysChange = 'the keys change'

type About = ReturnType<Sides['about']>

const sides = await openSides()

/** What the owner of the number, or an operator, may do while a stranger looks. */
const actions: Record<string, (side: Side) => Promise<unknown>> = {
  'signs in': (side) => side.signInAgain(),
  'mistypes the password': (side) => side.mistype(),
  'changes the password': (side) => side.changePassword(),
  'enters a code': (side) => side.enterCode(),
  'recovers the account': (side) => side.recover(),
  'deletes the account': (side) => side.deleteAccount(),
  'signs out': (side) => side.signOut(),
  'saves a grant': (side) => side.saveGrant(),
  'saves a grant and revokes it': (side) => side.saveGrant().then(() => side.revokeGrant()),
  'has all sessions ended by an operator': (side) => side.haveSessionsEnded(),
  'is moved to another number': (side) => side.moveAway(),
  'deletes the account and signs up anew': async (side) => {
    await side.deleteAccount()
    await side.signUp()
  },
}

const arrivals: Record<string, (side: Side) => Promise<unknown>> = {
  'signs up': (side) => side.signUp(),
  'is moved here from another number': (side) => side.moveHere(),
}

/** What a stranger may do. Browsers are named. */
const steps: Record<string, (stranger: Stranger, browser: string) => Promise<Response>> = {
  'begins a recovery': (stranger, browser) => stranger.recover(browser),
  'begins a sign-up': (stranger, browser) => stranger.signUp(browser),
  'asks for a code': (stranger, browser) => stranger.askForCode(browser),
  'enters a wrong code': (stranger, browser) => stranger.enterWrongCode(browser),
  'finishes the sign-up': (stranger, browser) => stranger.finishSignUp(browser),
  'finishes the recovery': (stranger, browser) => stranger.finishRecovery(browser),
  'guesses the password': (stranger, browser) => stranger.guess(browser),
  'guesses it by uid': (stranger, browser) => stranger.guessByUid(browser),
  'looks at the dashboard': (stranger, browser) => stranger.lookAtDashboard(browser),
  'changes the password': (stranger, browser) => stranger.changePassword(browser),
  'deletes the account': (stranger, browser) => stranger.deleteAccount(browser),
  'lists the platforms': (stranger, browser) => stranger.listPlatforms(browser),
  'signs out': (stranger, browser) => stranger.logOut(browser),
}

/** The stranger's steps, each written as `a: begins a recovery`, or `wait 130`. */
async function script(about: About, ...lines: string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const line of lines) {
    const [browser = '', name = ''] = line.split(': ')
    const step = steps[name]
    if (step) statuses.push(await about.stranger(line, (stranger) => step(stranger, browser)))
    else await about.passTime(Number(line.split(' ')[1]))
  }
  return statuses
}

async function lookBefore(about: About): Promise<void> {
  const statuses = await script(
    about,
    'a: begins a recovery',
    'b: begins a recovery',
    'a: asks for a code',
    'a: enters a wrong code',
    'c: begins a sign-up',
    'c: asks for a code',
    'c: guesses the password',
    'a: guesses it by uid',
  )
  expect(statuses).toEqual([200, 200, 201, 403, 200, 429, 401, 401])
  // So that whatever the owner does may be asked for.
  await about.passTime(121)
}

async function lookAfter(about: About): Promise<void> {
  const every = Object.keys(steps).map((name) => `b: ${name}`)
  await script(
    about,
    ...['a: enters a wrong code', 'a: asks for a code', 'b: asks for a code', 'c: asks for a code'],
    ...['c: guesses the password', 'a: guesses it by uid', 'd: begins a recovery', 'e: begins a recovery'],
    ...['a: enters a wrong code', 'b: enters a wrong code', 'd: enters a wrong code'],
    ...['wait 301', 'd: asks for a code', 'c: guesses the password', 'c: guesses the password'],
    ...['c: guesses the password', 'c: guesses the password', 'c: guesses the password', 'c: guesses the password'],
    ...['wait 901', 'a: asks for a code', 'e: asks for a code', 'c: guesses the password', 'f: begins a sign-up'],
    ...['f: asks for a code', 'g: begins a recovery', 'h: begins a recovery', 'i: begins a recovery'],
    ...['a: enters a wrong code', 'd: enters a wrong code', 'e: enters a wrong code', 'g: enters a wrong code'],
    ...['a: finishes the recovery', 'c: finishes the sign-up', ...every],
    ...['wait 86401', 'i: begins a recovery', 'i: asks for a code', 'i: asks for a code', 'c: guesses the password'],
  )
}

describe('with HIDE_ACCOUNTS a stranger sees no difference to a number without an account', () => {
  test.each(Object.entries(actions))('when its owner %s', async (_, action) => {
    const about = sides.about()
    await about.real.haveAccount()
    await lookBefore(about)
    await about.both(action)
    await lookAfter(about)
  })

  test.each(Object.entries(arrivals))('when somebody %s', async (_, action) => {
    const about = sides.about()
    await lookBefore(about)
    await about.both(action)
    expect(about.real.hasAccount).toBe(true)
    await lookAfter(about)
  })

  // What a network tried itself is taken back by a right password from there: that alone may be seen, and only from there.
  test.each(Object.entries(actions).filter(([name]) => /operator|another number|mistypes/.test(name)))(
    'from the network of its owner, who %s',
    async (_, action) => {
      const about = sides.about('198.51.100.99')
      await about.real.haveAccount()
      await lookBefore(about)
      await about.both(action)
      await lookAfter(about)
    },
  )

  test.each([1, 2, 3, 4] as const)('after step %i of a change of keys', async (last) => {
    const about = sides.about()
    await about.real.haveAccount()
    await lookBefore(about)
    for (const step of [1, 2, 3, 4] as const) {
      if (step > last) break
      if (step === 4) await about.passTime(86_401)
      await about.both((side) => side.changeKeys(step))
    }
    await lookAfter(about)
  })

  test('before each step of a change of keys and after it', async () => {
    const about = sides.about()
    await about.real.haveAccount()
    await lookBefore(about)
    for (const step of [1, 2, 3, 4] as const) {
      await about.both((side) => side.changeKeys(step))
      await script(
        about,
        'a: enters a wrong code',
        'j: begins a recovery',
        'j: asks for a code',
        'c: guesses the password',
      )
      await about.both((side) => side.signInAgain())
      await about.passTime(step === 3 ? 86_401 : 130)
      await script(about, 'j: asks for a code', 'a: guesses it by uid', 'k: begins a sign-up', 'k: asks for a code')
    }
    await lookAfter(about)
  })
})

test('a stranger sees no difference, whatever both do in whatever order', async () => {
  const browser = fc.constantFrom('a', 'b', 'c')
  const step = fc.tuple(browser, fc.constantFrom(...Object.keys(steps))).map(([who, name]) => `${who}: ${name}`)
  const likely = fc
    .tuple(
      browser,
      fc.constantFrom('begins a recovery', 'asks for a code', 'enters a wrong code', 'guesses the password'),
    )
    .map(([who, name]) => `${who}: ${name}`)
  const wait = fc.constantFrom(10, 130, 310, 910, 7300, 86_500).map((seconds) => `wait ${seconds}`)
  const action = fc.constantFrom(
    ...Object.keys({ ...actions, ...arrivals }).map((name) => `the owner ${name}`),
    keysChange,
  )
  const walk = fc.array(
    fc.oneof(
      { arbitrary: likely, weight: 6 },
      { arbitrary: step, weight: 3 },
      { arbitrary: wait, weight: 2 },
      { arbitrary: action, weight: 4 },
    ),
    {
      minLength: 10,
      maxLength: 25,
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.boolean(), walk, async (hasAccount, lines) => {
      const about = sides.about()
      if (hasAccount) await about.real.haveAccount()
      let keySteps = 0
      for (const line of lines) {
        if (line === keysChange) {
          if (keySteps === 4) continue
          keySteps++
          // The old key is kept for a day after everything was put under the new one.
          if (keySteps === 4) await about.passTime(86_401)
          await about.both((side) => side.changeKeys(keySteps))
          continue
        }
        const done = { ...actions, ...arrivals }[line.replace('the owner ', '')]
        if (line.startsWith('the owner ') && done) await about.both(done)
        else await script(about, line)
      }
    }),
    { numRuns: Number(process.env.HIDE_RUNS ?? 5), endOnFailure: true },
  )
})
