import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { purgeExpired } from '../../src/maintenance/purge-expired.ts'
import { watchSends } from '../../src/maintenance/watch-sends.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords }, env: behindProxy })
// As the server has them by default, in place of what tests are given.
Object.assign(world.services.settings, {
  ...readConfig(behindProxy).settings,
  trustedProxies: world.services.settings.trustedProxies,
})

const attacker = '198.51.100.66'
const neighbour = '198.51.100.7'
const elsewhere = '203.0.113.5'

const tables = async () => {
  const names = await world.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' order by 1`
  const counts: Record<string, number> = {}
  for (const { name } of names) {
    const [row] = await world.sql`select count(*)::int as rows from ${world.sql(name)}`
    counts[name] = row?.rows
  }
  return counts
}

test('one SIM and one address can have few codes sent in a day, and keep nobody else from theirs', {
  timeout: 900_000,
}, async () => {
  const holder = visitor(world, neighbour)
  await holder.signUp()
  await holder.logIn()
  const victim = visitor(world, elsewhere)
  await victim.signUp()
  await victim.logIn()
  await world.passTime(3 * 86_400)
  const before = { sent: world.phone.messages.length, tables: await tables() }
  const sim = randomPhoneNumber()
  const answered: Record<string, number> = {}
  const see = ({ status }: { status: number }, what: string) => {
    const key = `${what} ${status}`
    answered[key] = (answered[key] ?? 0) + 1
  }

  // Every ten minutes of a day: all that a script can think of.
  for (let round = 0; round < 144; round++) {
    const own = visitor(world, attacker, { phoneNumber: sim })
    see(await own.startSignUp(), 'sign-up')
    const sent = await own.sendCode()
    see(sent, 'code to own number')
    if (sent.status === 201) {
      see(await own.enterCode(), 'code entered')
      see(await own.sendCode(), 'code once proved')
    }
    for (let stranger = 0; stranger < 3; stranger++) {
      const other = visitor(world, attacker)
      see(await other.startSignUp(), 'sign-up')
      see(await other.sendCode(), 'code to others')
    }
    for (const target of [holder, victim]) {
      const recovery = visitor(world, attacker, { phoneNumber: target.phoneNumber })
      see(await recovery.startRecovery(), 'recovery')
      if (recovery.cookie) see(await recovery.sendCode(), 'code to a victim')
      see(await visitor(world, attacker, { phoneNumber: target.phoneNumber }).logIn('a wrong passphrase'), 'login')
    }
    await world.passTime(600)
    if (round % 12 === 0) await purgeExpired(world.services)
  }
  const sent = world.phone.messages.length - before.sent
  const toSim = world.phone.messagesTo(sim).length
  const after = await tables()
  const rows = Object.fromEntries(
    Object.entries(after).flatMap(([name, count]) => {
      const added = count - (before.tables[name] ?? 0)
      return added === 0 ? [] : [[name, added]]
    }),
  )
  process.stdout.write(`${JSON.stringify({ sent, toSim, answered, rows }, null, 2)}\n`)

  const { sends } = world.services.settings
  expect(toSim).toBeLessThanOrEqual(sends.numberDaily)
  expect(sent).toBeLessThanOrEqual(sends.numberDaily + sends.networkDaily * (1 + 2 * sends.reserve))
  expect(await watchSends(world.services)).toBe(true)
  for (const [name, count] of Object.entries(rows)) expect([name, count < 2000]).toEqual([name, true])

  // Others sign up elsewhere, and the owners recover from home.
  const newcomer = visitor(world, elsewhere)
  await newcomer.signUp()
  expect((await newcomer.logIn()).status).toBe(200)
  for (const [person, home] of [
    [victim, elsewhere],
    [holder, neighbour],
  ] as const) {
    const recovery = visitor(world, home, { phoneNumber: person.phoneNumber })
    expect((await recovery.startRecovery()).status).toBe(200)
    expect((await recovery.sendCode()).status).toBe(201)
    expect((await recovery.enterCode()).status).toBe(200)
    expect((await recovery.finishRecovery('a passphrase after all that')).status).toBe(200)
  }
})
