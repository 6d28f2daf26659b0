import postgres from 'postgres'
import type { openSurroundings } from './open-surroundings.ts'
import { openTarget } from './open-target.ts'
import { passTime } from './pass-time.ts'
import { Person, randomPhoneNumber } from './person.ts'
import { roundRobin } from './round-robin.ts'

type Options = {
  around: Awaited<ReturnType<typeof openSurroundings>>
  /** What the test looks at. */
  databaseUrl: string
  /** One instance for each: the settings that only it has. */
  each: readonly Readonly<Record<string, string>>[]
}

export type Instances = Awaited<ReturnType<typeof openInstances>>

/** Servers on one database, all started at once, each a process of its own; before them a proxy that gives every request to the next. */
export async function openInstances({ around, databaseUrl, each }: Options) {
  const started = await Promise.allSettled(
    each.map((own) => openTarget('node', databaseUrl, { ...around.settings, ...own })),
  )
  const targets = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const closeTargets = () => Promise.all(targets.map((target) => target.close()))
  for (const one of started) {
    if (one.status === 'fulfilled') continue
    await closeTargets()
    throw one.reason
  }
  const proxy = await roundRobin(targets.map(({ url }) => url))
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })

  const fetchAt = (base: string) => (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(`${base}${pathname}${search}`, request))
  }
  const instances = {
    around,
    sql,
    proxy,
    /** `at`: which instance answers; absent: all in turn. */
    person({ phoneNumber = randomPhoneNumber(), at }: { phoneNumber?: string; at?: number } = {}): Person {
      const base = at === undefined ? proxy.url : targets[at]?.url
      return new Person({ fetch: fetchAt(base ?? ''), phone: around.phone }, { phoneNumber })
    },
    async signedUpPerson(options: { at?: number } = {}): Promise<Person> {
      const person = instances.person(options)
      await person.signUp()
      await person.logIn()
      return person
    },
    passTime: (seconds: number) => passTime(sql, seconds),
    async close() {
      await proxy.close()
      await Promise.all([closeTargets(), sql.end()])
    },
  }
  return instances
}
