import { describe, expect, test } from 'vitest'
import { sha256 } from '../../src/crypto/sha256.ts'
import { endSessionsByOperator, listSessions } from '../../src/sessions/list-sessions.ts'
import { newSessionToken } from '../../src/sessions/session.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })

const changed = 'another passphrase of my own'

/** What ends a user's sessions. */
const endings: Record<string, (ada: Person) => Promise<unknown>> = {
  'a password change': (ada) => ada.changePassword(changed),
  'a recovery': async (ada) => (await ada.recovering()).finishRecovery(changed),
  'a deletion': (ada) => ada.deleteAccount(),
  'an operator': (ada) => endSessionsByOperator(world.services, ada.uid),
}

describe.each(Object.entries(endings))('%s', (name, end) => {
  test('ends every other session, whatever it is for, and what was being connected in them', async () => {
    const ada = await world.signedUpPerson()
    const [phone, proved, unproved] = [ada.elsewhere(), await ada.recovering(), ada.elsewhere()]
    await phone.logIn()
    await phone.start('gmail', 'oauth2')
    await world.sql`delete from code_waits`
    await unproved.startRecovery()
    const unprovedCookie = unproved.cookie
    await end(ada)
    expect((await phone.dashboard()).status).toBe(401)
    expect((await proved.finishRecovery('a third passphrase')).status).toBe(401)
    expect((await unproved.sendCode()).status).toBe(401)
    expect(await world.sql`select from pending_authorizations where user_id = ${ada.uid}`).toEqual([])
    expect(unproved.cookie).toBe(unprovedCookie)
    expect((await ada.dashboard()).status).toBe(name === 'a password change' ? 200 : 401)
    expect((await listSessions(world.services, ada.uid)).length).toBe(name === 'a password change' ? 1 : 0)
  })

  test('removes their rows too, for servers that know no epochs', async () => {
    const ada = await world.signedUpPerson()
    for (const browser of [ada.elsewhere(), ada.elsewhere()]) await browser.logIn()
    await ada.elsewhere().startRecovery()
    await end(ada)
    const left = await world.sql`select from sessions where user_id = ${ada.uid}`
    expect(left).toHaveLength(name === 'a password change' ? 1 : 0)
  })
})

test('of more sessions than are removed at once all are over, and the own one goes on', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere()
  await phone.logIn()
  await world.sql`
    insert into sessions (id_hash, user_id, purpose, user_agent_hash, expires_at, epoch)
    select 'many ' || n, ${ada.uid}, 'login', '', now() + interval '1 hour', 0 from generate_series(1, 500) as n`
  expect((await ada.changePassword(changed)).status).toBe(200)
  expect((await phone.dashboard()).status).toBe(401)
  expect((await ada.dashboard()).status).toBe(200)
  expect(await listSessions(world.services, ada.uid)).toHaveLength(1)
})

test('a login begun with the password of before opens no session that outlives its change', async () => {
  const ada = await world.signedUpPerson()
  const logins = Array.from({ length: 10 }, () => ada.elsewhere())
  const [, ...answers] = await Promise.all([ada.changePassword(changed), ...logins.map((browser) => browser.logIn())])
  for (const browser of logins) expect((await browser.dashboard()).status).toBe(401)
  expect(answers.every(({ status }) => status === 200 || status === 401 || status === 429)).toBe(true)
  expect((await ada.dashboard()).status).toBe(200)
})

describe('while the version before still serves', () => {
  /** As that version opens a session. */
  async function openedByOther(ada: Person): Promise<Person> {
    const browser = ada.elsewhere()
    const token = newSessionToken()
    const [row] = await world.sql`select user_agent_hash from sessions where user_id = ${ada.uid} limit 1`
    await world.sql`
      insert into sessions (id_hash, user_id, purpose, user_agent_hash, expires_at)
      values (${sha256(token)}, ${ada.uid}, 'login', ${row?.user_agent_hash}, now() + interval '1 hour')`
    browser.cookie = `SWOB=${token}`
    return browser
  }

  test('a session that it opens is live, also after others were ended here', async () => {
    const ada = await world.signedUpPerson()
    await ada.changePassword(changed)
    const browser = await openedByOther(ada)
    expect((await browser.dashboard()).status).toBe(200)
    await ada.changePassword('a third passphrase', changed)
    expect((await browser.dashboard()).status).toBe(401)
  })

  test('a session that is older than epochs is live until it is ended', async () => {
    const ada = await world.signedUpPerson()
    await world.sql`update sessions set epoch = null where user_id = ${ada.uid}`
    const phone = ada.elsewhere()
    await phone.logIn()
    expect((await ada.dashboard()).status).toBe(200)
    expect((await phone.changePassword(changed)).status).toBe(200)
    expect((await ada.dashboard()).status).toBe(401)
    expect((await phone.dashboard()).status).toBe(200)
  })
})
