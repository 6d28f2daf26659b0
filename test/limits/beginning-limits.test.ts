import { beforeEach, describe, expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld, type World } from '../support/world.ts'

let hashes = 0
const passwords = {
  ...plainPasswords,
  hash: (password: string) => {
    hashes++
    return plainPasswords.hash(password)
  },
}
const few = {
  ...behindProxy,
  SIGNUP_NETWORK_HOURLY: '5',
  SIGNUP_NETWORK_DAILY: '8',
  RECOVERY_NETWORK_HOURLY: '5',
  RECOVERY_NETWORK_DAILY: '8',
}
const telling = await openWorld({ services: { passwords }, env: few })
const hiding = await openWorld({ services: { passwords }, env: { ...few, HIDE_ACCOUNTS: 'true' } })
beforeEach(async () => {
  for (const { sql } of [telling, hiding]) await sql`truncate limit_counts, code_waits`
})

const actions: Record<string, (person: Person) => Promise<Response | { status: number }>> = {
  'sign-ups': (person) => person.startSignUp(),
  recoveries: (person) => person.startRecovery(),
}

async function rows({ sql }: World): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await sql`select count(*)::int as rows from ${sql(name)}`
    counts[name] = row?.rows
  }
  return counts
}

describe.each(Object.entries(actions))('%s', (name, begin) => {
  const [path, event] = name === 'recoveries' ? ['/v2/recovery', 'recovery'] : ['/v2/signup', 'signup']

  test.each([
    ['', telling, 409, 401],
    [', with HIDE_ACCOUNTS', hiding, 200, 200],
  ])(
    'past the limit of their network are refused alike for every number, and leave nothing%s',
    async (_, world, known, unknown) => {
      const ada = visitor(world, '192.88.99.7')
      await ada.signUp()
      const meet = () => visitor(world, '198.51.100.7')
      const ask = async (who?: Person) => (await begin(visitor(world, '198.51.100.7', who))).status
      const within = name === 'recoveries' ? [200, unknown] : [known, 200]
      expect([await ask(ada), await ask(meet())]).toEqual(within)
      await countStatuses(times(3, () => ask(meet()).then((status) => ({ status }))))
      const refused = (await begin(visitor(world, '198.51.100.200', ada))) as Response
      expect(refused.status).toBe(429)
      const seconds = Number(refused.headers.get('Retry-After'))
      expect(seconds).toBeGreaterThan(3500)
      expect(seconds).toBeLessThanOrEqual(3600)

      const [before, hashed] = [await rows(world), hashes]
      const more = times(60, (): Promise<Response | { status: number }> => begin(visitor(world, '198.51.100.9')))
      expect(await countStatuses([...more, begin(visitor(world, '198.51.100.9', ada))])).toEqual({ 429: 61 })
      expect(await rows(world)).toEqual(before)
      expect(hashes).toBe(hashed)
      const events = await world.sql`
        select event, network, user_id, phone_number_index from audit_events
        where outcome = 'blocked' and event = ${event}`
      expect(events).toEqual([{ event, network: '198.51.100.0/24', user_id: null, phone_number_index: null }])
      expect((await begin(visitor(world, '203.0.113.7', ada))).status).toBe(within[0])

      await world.passTime(3601)
      const statuses = []
      for (const _ of times(4, () => 0)) statuses.push(await ask(ada))
      expect(statuses).toEqual([within[0], within[0], within[0], 429])
    },
  )

  test('of parallel ones as many are begun as the network has left', async () => {
    const world = hiding
    const begun = times(30, (): Promise<Response | { status: number }> => begin(visitor(world, '198.51.100.7')))
    expect(await countStatuses(begun)).toEqual({ 200: 5, 429: 25 })
  })

  test('have a limit for everybody, which takes nothing from the network that runs into it', async () => {
    const world = hiding
    const { limits } = world.services.settings
    for (const limit of [limits.signups, limits.recoveries]) limit.everybody = { hourly: 3, daily: 3 }
    const networks = Array.from({ length: 9 }, (_, n) => visitor(world, `198.51.${n}.7`))
    expect(await countStatuses(networks.map(begin))).toEqual({ 200: 3, 429: 6 })
    const counts = await world.sql`select key from limit_counts where name in ('signups', 'recoveries')`
    expect(counts).toHaveLength(4)
    for (const limit of [limits.signups, limits.recoveries]) limit.everybody = { hourly: 9999, daily: 9999 }
  })

  test('are ten times as many where each takes a captcha', async () => {
    const world = hiding
    world.services.captcha = { check: async () => true }
    const ask = () => {
      const person = visitor(world, '198.51.100.7')
      const { phoneNumber: phone_number, password } = person
      return person.send('POST', path, { phone_number, password, captcha_token: 'a solved captcha' })
    }
    expect(await countStatuses(times(60, ask))).toEqual({ 200: 50, 429: 10 })
    delete world.services.captcha
  })
})

test('whoever asks by signing up who has an account is in the audit trail, the numbers are not', async () => {
  const world = telling
  const [{ last }] = (await world.sql`select coalesce(max(id), 0) as last from audit_events`) as [{ last: string }]
  const ada = visitor(world, '192.88.99.7')
  await ada.signUp()
  expect((await visitor(world, '198.51.100.7', ada).startSignUp()).status).toBe(409)
  expect((await visitor(world, '198.51.100.7').startRecovery()).status).toBe(401)
  const events = await world.sql`
    select event, about, user_id, phone_number_index from audit_events
    where outcome = 'refused' and id > ${last} order by id`
  const nobody = { user_id: null, phone_number_index: null }
  expect(events).toEqual([
    { event: 'signup', about: 'the number has an account', ...nobody },
    { event: 'recovery', about: null, ...nobody },
  ])
})
