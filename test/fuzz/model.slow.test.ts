import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { Choice } from './action.ts'
import { actions, runAction } from './actions.ts'
import { openWalkWorld } from './walk.ts'

/** `npm run fuzz` takes more. */
const walks = Number(process.env.FUZZ_WALKS ?? 100)
/** After the beginning; a walk has 30 steps on average. */
const mostSteps = 45

/** FUZZ_SEED: as a failure printed it. */
const replayed = process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {}

const world = await openWalkWorld()
/** By operation and status. */
const answers = new Map<string, number>()
afterAll(() => {
  if (process.env.FUZZ_REPORT)
    process.stdout.write(
      `${[...answers]
        .sort()
        .map((pair) => pair.join('×'))
        .join('\n')}\n`,
    )
})

type Name = keyof typeof actions
type Step = { name: Name; choice: Choice }

const plain: Choice = { browser: 0, user: 0, path: 0, password: 0, from: 0, google: 0, newPassword: 0 }

/** Mostly what an honest person would choose: else nobody would come far. */
const mostly = (right: number, max: number) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.nat({ max }) })

const choice: fc.Arbitrary<Choice> = fc.nat({ max: 3 }).chain((browser) =>
  fc.record({
    browser: fc.constant(browser),
    user: mostly(browser >> 1, 1),
    path: mostly(0, 2),
    password: mostly(0, 2),
    from: mostly(0, 3),
    google: mostly(browser >> 1, 1),
    newPassword: fc.nat({ max: 2 }),
  }),
)

const { deleteUser, logOut, startRecovery, ...others } = actions
const gentle = Object.keys(others) as Name[]
const step: fc.Arbitrary<Step> = fc.record({
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...gentle) },
    { weight: 3, arbitrary: fc.constantFrom<Name>('startGrant', 'finishGrant', 'sendCode', 'checkCode') },
    { weight: 1, arbitrary: fc.constantFrom<Name>('deleteUser', 'logOut', 'startRecovery') },
  ),
  choice,
})

const route = (names: readonly Name[], browser: number): Step[] =>
  names.map((name) => ({
    name,
    choice: { ...plain, browser, user: browser >> 1, google: browser >> 1, newPassword: browser >> 1 },
  }))
const joined: readonly Name[] = ['startSignup', 'sendCode', 'checkCode', 'finishSignup', 'logIn']

/** How far the users are when the walk begins. */
const beginnings: readonly Step[][] = [
  [],
  route(joined, 0),
  [...route(joined, 0), ...route(joined, 2)],
  [...route(joined, 0), ...route(['logIn'], 1), ...route(['startGrant', 'finishGrant'], 0), ...route(joined, 2)],
  [...route(joined, 0), ...route(['startRecovery', 'sendCode'], 1), ...route(joined.slice(0, 3), 2)],
  [
    ...route(joined, 0),
    ...route(['startRecovery', 'sendCode', 'checkCode'], 1),
    ...route([...joined, 'startGrant'], 2),
  ],
]

async function take(steps: readonly Step[]): Promise<void> {
  const walk = await world.begin()
  for (const { name, choice } of steps) {
    const status = await runAction(actions[name], walk, world, choice)
    answers.set(`${name} ${status}`, (answers.get(`${name} ${status}`) ?? 0) + 1)
  }
}

test('in whatever order two users do things, no step is skipped and nobody touches the other', async () => {
  const wander = fc.tuple(
    fc.constantFrom(...beginnings),
    fc.array(step, { minLength: 1, maxLength: mostSteps, size: 'max' }),
  )
  const property = fc.asyncProperty(wander, ([beginning, steps]) => take([...beginning, ...steps]))
  // On failure it prints the seed and the shortest walk.
  await fc.assert(property, { numRuns: walks, ...replayed })
}, 3_600_000)

test('every step can be refused as well as succeed', async () => {
  const all = Object.keys(actions) as Name[]
  await take(
    route(
      all.filter((name) => name !== 'startSignup'),
      0,
    ),
  )
  const wallet: Name[] = ['verifyUser', 'readDashboard', 'listPlatforms', 'startGrant', 'finishGrant', 'revokeGrant']
  const recovery: Name[] = ['startRecovery', 'sendCode', 'checkCode', 'finishRecovery', 'logIn']
  await take(route([...joined, 'startSignup', ...wallet, 'changePassword', 'logOut', ...recovery, 'deleteUser'], 0))
  const answered = (status: RegExp) =>
    all.filter((name) => [...answers.keys()].some((answer) => answer.startsWith(`${name} `) && status.test(answer)))
  expect(answered(/ 4\d\d$/)).toEqual(all)
  const neverSucceed: Name[] = ['takeGrantStep', 'replay', 'steal']
  expect([...answered(/ 20[01]$/), ...neverSucceed].sort()).toEqual([...all].sort())
})
