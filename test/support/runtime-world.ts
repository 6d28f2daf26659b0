import postgres from 'postgres'
import { afterAll } from 'vitest'
import { cloneDatabase } from './clone-database.ts'
import { fetchAt } from './fetch-at.ts'
import { openSurroundings } from './open-surroundings.ts'
import { openTarget, type Runtime } from './open-target.ts'
import { Person, randomPhoneNumber } from './person.ts'

type Settings = Record<string, string>

/** One server in each of the given runtimes, all on one database and one sandbox; reached over HTTP only. */
export async function openRuntimeWorld(runtimes: readonly Runtime[], settings: Settings = {}) {
  const [databaseUrl, around] = await Promise.all([cloneDatabase(), openSurroundings()])
  // A busy machine takes its time.
  const shared: Settings = { DATABASE_TIMEOUT: '60', PLATFORM_TIMEOUT: '60', ...around.settings, ...settings }
  // One after the other: starting three servers at once on two cores only makes each slower.
  const targets = new Map<Runtime, Awaited<ReturnType<typeof openTarget>>>()
  for (const runtime of runtimes) targets.set(runtime, await openTarget(runtime, databaseUrl, shared))

  const fetchOf = (runtime: Runtime) => fetchAt(targets.get(runtime)?.url ?? '')
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  const letWaitsPass = () => sql`delete from code_waits`
  const world = {
    sms: around.sms,
    sandbox: around.sandbox,
    databaseUrl,
    person: (runtime: Runtime, phoneNumber = randomPhoneNumber()) =>
      new Person({ fetch: fetchOf(runtime), phone: around.phone, letWaitsPass }, { phoneNumber }),
    async signedUpPerson(runtime: Runtime) {
      const person = world.person(runtime)
      await person.signUp()
      await person.logIn()
      return person
    },
    /** The same person, with the same cookie, before the server of another runtime. */
    at(runtime: Runtime, person: Person) {
      const moved = world.person(runtime, person.phoneNumber)
      return Object.assign(moved, { uid: person.uid, cookie: person.cookie, password: person.password })
    },
  }
  afterAll(async () => {
    await Promise.all([...targets.values()].map((target) => target.close()))
    await Promise.all([around.close(), sql.end()])
  })
  return world
}
