import postgres from 'postgres'
import { readConfig } from '../../src/config/config.ts'
import { createSeal } from '../../src/crypto/seal.ts'
import type { Grant } from '../../src/platforms/platform.ts'
import { keyRingOf } from '../../src/server/key-ring-of.ts'
import { openGrant } from '../../src/vault/grant-row.ts'
import { fetchAt } from './fetch-at.ts'
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
  const seal = createSeal(keyRingOf(readConfig(around.settings)))
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })

  const letWaitsPass = () => sql`delete from code_waits`
  const instances = {
    letWaitsPass,
    around,
    sql,
    proxy,
    /** `at`: which instance answers; absent: all in turn. */
    person({ phoneNumber = randomPhoneNumber(), at }: { phoneNumber?: string; at?: number } = {}): Person {
      const base = at === undefined ? proxy.url : targets[at]?.url
      return new Person({ fetch: fetchAt(base ?? ''), phone: around.phone, letWaitsPass }, { phoneNumber })
    },
    async signedUpPerson(options: { at?: number } = {}): Promise<Person> {
      const person = instances.person(options)
      await person.signUp()
      await person.logIn()
      return person
    },
    /** The same person, with the same cookie, before these instances. */
    moved(person: Person): Person {
      const { uid, cookie, password, phoneNumber } = person
      return Object.assign(instances.person({ phoneNumber }), { uid, cookie, password })
    },
    /** What the gateway would read. */
    async grantOf({ uid }: Person, platform: string): Promise<Grant> {
      const [row] = await sql<{ id: string; userId: string; grantSealed: string }[]>`
        select id, user_id as "userId", grant_sealed as "grantSealed" from grants
        where user_id = ${uid} and platform = ${platform}`
      if (!row) throw new Error(`${platform} is not saved`)
      return openGrant({ seal }, row)
    },
    passTime: (seconds: number) => passTime(sql, seconds),
    async close() {
      await proxy.close()
      await Promise.all([closeTargets(), sql.end()])
    },
  }
  return instances
}
