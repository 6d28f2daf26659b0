import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { changePassword } from '../../src/accounts/change-password.ts'
import { deleteAccount } from '../../src/accounts/delete-account.ts'
import { finishRecovery } from '../../src/accounts/finish-recovery.ts'
import type { Database } from '../../src/postgres/database.ts'
import type { Services } from '../../src/services.ts'
import { findSession } from '../../src/sessions/find-session.ts'
import { endSessionsByOperator } from '../../src/sessions/list-sessions.ts'
import type { Session } from '../../src/sessions/session.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const flood = 100_000

async function sessionOf(person: Person): Promise<Session> {
  const presented = { token: person.cookie.slice(5), userAgent: person.userAgent }
  const session = await findSession(world.services, presented)
  if (!session) throw new Error('no live session')
  return session
}

const newPassword = 'a passphrase after all this'

type Action = (services: Services, ada: Person, sessions: { login: Session; recovery: Session }) => Promise<unknown>

const actions: Record<string, Action> = {
  'a password change': (services, { password }, { login: session }) =>
    changePassword(services, { session, password, newPassword }),
  'a recovery': (services, _, { recovery: session }) => finishRecovery(services, { session, newPassword }),
  'a deletion': (services, { password }, { login: session }) => deleteAccount(services, { session, password }),
}

class Undone extends Error {}

type Counts = { relname: string } & Record<string, string>

/**
 * Rows that the statements of `action` read and write, table by table, as Postgres counts them; all of it is then undone. Of the limits' counts both share
 * rows, in which what was undone leaves more to pass over.
 */
async function workOf(action: (services: Services) => Promise<unknown>): Promise<unknown> {
  let work: unknown
  const measured = world.services.db.transaction(async (tx) => {
    const db = Object.assign(Object.create(tx), { transaction: (within: (db: Database) => unknown) => within(tx) })
    // Tables with few rows would be read whole, with what was undone before.
    await tx.execute(sql`set local enable_seqscan = off`)
    const counted = async () =>
      tx.execute<Counts>(sql`
        select relname, seq_tup_read, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_xact_user_tables
        where relname <> 'limit_counts' order by relname`)
    // Of earlier transactions, too, that the connection has not reported yet.
    const before = await counted()
    await action({ ...world.services, db })
    work = (await counted()).map(({ relname, ...after }, at) => {
      const rows = Object.entries(after).map(([name, count]) => [name, Number(count) - Number(before[at]?.[name])])
      return { relname, ...Object.fromEntries(rows) }
    })
    throw new Undone()
  })
  await expect(measured).rejects.toThrow(Undone)
  return work
}

/** As anybody could have left them before there were few for each number. */
async function floodWithRecoveries({ uid }: Person): Promise<void> {
  await world.sql`
    insert into sessions (id_hash, user_id, account_id, purpose, user_agent_hash, phone_number_index, expires_at, epoch)
    select ${uid} || n, ${uid}, ${uid}, 'recovery', '', '', now() + interval '2 hours', 0
    from generate_series(1, ${flood}) as n`
}

/** Somebody who is signed in and recovering, about whom a stranger began a recovery as well. */
async function somebody() {
  const ada = await world.signedUpPerson()
  await ada.elsewhere().startRecovery()
  const recovering = await ada.recovering()
  return { ada, sessions: { login: await sessionOf(ada), recovery: await sessionOf(recovering) } }
}

test('a password change, a recovery and a deletion are the same work for somebody about whom a hundred thousand recoveries were begun', async () => {
  const [usual, flooded] = [await somebody(), await somebody()]
  await floodWithRecoveries(flooded.ada)
  await world.sql`vacuum analyze`
  for (const [name, action] of Object.entries(actions)) {
    const work = ({ ada, sessions }: typeof usual) => workOf((services) => action(services, ada, sessions))
    const expected = await work(usual)
    expect(expected, name).toContainEqual(expect.objectContaining({ relname: 'users', n_tup_upd: expect.any(Number) }))
    expect(await work(flooded), name).toEqual(expected)
  }
  // An operator is told of as many as one reads.
  expect(await endSessionsByOperator(world.services, flooded.ada.uid)).toBe(1000)
  expect((await flooded.ada.dashboard()).status).toBe(401)
})
