import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'
import { createActors } from './actors.ts'
import { hostileHeaderValue, hostileText } from './hostile-values.ts'
import { noLimits } from './no-limits.ts'
import { type Operation, operations, requestsFor } from './requests.ts'

/** Inputs for each operation. `npm run fuzz` tries more. */
const inputs = Number(process.env.FUZZ_RUNS ?? 500)
const atOnce = 25
/** Of one answer; generous, since what it looks for is none at all. */
const patienceMilliseconds = 60_000

/** FUZZ_SEED: as a failure printed it. */
const replayed = process.env.FUZZ_SEED ? { seed: Number(process.env.FUZZ_SEED) } : {}

const world = await openWorld({
  sandbox: true,
  env: { ...noLimits, TWITTER_PROTOCOL: 'oauth2' },
  services: { passwords: plainPasswords },
})
// No settings are for it: nobody waits.
world.services.settings.codes.resendWaits = [0]
const actors = createActors(world)

const statuses = new Map<string, Map<number, number>>()
afterAll(() => {
  if (!process.env.FUZZ_REPORT) return
  for (const [id, counts] of statuses)
    process.stdout.write(
      `${id}: ${[...counts]
        .sort()
        .map((pair) => pair.join('×'))
        .join(' ')}\n`,
    )
})

async function ask(id: string, request: Request): Promise<Response> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer')), patienceMilliseconds)
  // Fails where the API document doesn't declare the answer.
  const response = await Promise.race([world.fetch(request), late]).finally(() => clearTimeout(timer))
  const counts = statuses.get(id) ?? new Map<number, number>()
  statuses.set(id, counts.set(response.status, (counts.get(response.status) ?? 0) + 1))
  return response
}

function expectNoHarm({ method, url }: Request, { status, headers }: Response): void {
  const what = `${method} ${url} ${status}`
  expect(status, what).toBeLessThan(500)
  expect(headers.get('X-Content-Type-Options'), what).toBe('nosniff')
  expect(headers.get('Cache-Control'), what).toMatch(/no-store|public|no-cache/)
}

/** A session begins or ends where the document says so, and nowhere else. */
function expectCookieAsDescribed({ described }: Operation, { status, headers }: Response): void {
  const promised = described.responses[status]?.['x-session-cookie']
  const setCookie = headers.get('Set-Cookie')
  if (promised === undefined) expect(setCookie).toBeNull()
  else expect(setCookie).toMatch(promised === 'set' ? /^SWOB=[\w-]{43}; HttpOnly/ : /^SWOB=; HttpOnly; Max-Age=0;/)
}

test.each(operations.map((operation) => [operation.id, operation] as const))(
  '%s takes whatever it is sent',
  async (id, operation) => {
    const batch = fc.array(requestsFor(operation), { minLength: atOnce, maxLength: atOnce, size: 'max' })
    const property = fc.asyncProperty(batch, async (hostile) => {
      await actors.renew(id)
      const requests = hostile.map((each) => actors.play(each, operation.method))
      await Promise.all(
        requests.map((request, index) =>
          ask(id, request)
            .then((response) => {
              expectNoHarm(request, response)
              expectCookieAsDescribed(operation, response)
            })
            .catch((cause: Error) => {
              throw new Error(`${cause.message}: ${JSON.stringify(hostile[index]).slice(0, 2000)}`, { cause })
            }),
        ),
      )
    })
    // On failure it prints the seed and the path to the smallest input.
    await fc.assert(property, { numRuns: Math.ceil(inputs / atOnce), ...replayed })
  },
  3_600_000,
)

test('so does any other path', async () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'x']
  const segments = fc.array(
    fc.oneof(hostileText, fc.constantFrom('v2', 'public', 'users', 'docs', 'login', '..', '.')),
    { maxLength: 6 },
  )
  const requests = fc.record({
    method: fc.constantFrom(...methods),
    path: segments.map((all) => `/${all.map((text) => encodeURIComponent(text.toWellFormed())).join('/')}`),
    accept: hostileHeaderValue,
  })
  const property = fc.asyncProperty(requests, async ({ method, path, accept }) => {
    const request = new Request(`http://api.test${path}`, {
      method,
      headers: { 'User-Agent': 'Test/1.0', Accept: accept },
    })
    expectNoHarm(request, await ask('elsewhere', request))
  })
  await fc.assert(property, { numRuns: inputs, ...replayed })
}, 3_600_000)
