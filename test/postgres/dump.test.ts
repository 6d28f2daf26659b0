import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { claimCount } from '../../src/limits/claim-count.ts'
import { claimAlarm } from '../../src/maintenance/claim-alarm.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true, runsHiddenSends: false })
const name = 'Ada King of Lovelace'

async function signUpWithName(person: Person): Promise<void> {
  const body = { phone_number: person.phoneNumber, password: person.password, name }
  person.uid = ((await (await person.send('POST', '/v2/signup', body)).json()) as { uid: string }).uid
}

/** What a thief of the whole database holds. */
async function dump(): Promise<string> {
  const tables = await world.sql<
    { table_name: string }[]
  >`select table_name from information_schema.tables where table_schema = 'public'`
  const rows = await Promise.all(
    tables.map(({ table_name }) => world.sql<{ row: string }[]>`select t::text as row from ${world.sql(table_name)} t`),
  )
  expect(tables.filter((_, table) => rows[table]?.length === 0)).toEqual([])
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n')
}

/** A secret in every plain and easily guessed form. */
function forms(secret: string): string[] {
  const digests = ['md5', 'sha1', 'sha256', 'sha512'].map((hash) => createHash(hash).update(secret).digest())
  const encoded = [Buffer.from(secret), ...digests].flatMap((bytes) => [
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ])
  return [secret, encodeURIComponent(secret), ...encoded]
}

test('a dump of the database, and the log, tell no number, name, code, password, session or platform token', async () => {
  const [ada, bola, chidi] = [world.person(), world.person(), world.person()]
  const tokens: string[] = []
  const codes: string[] = []

  // One with a grant, a connection under way and a failed login; one recovering; one at sign-up; one gone, with a revocation to do.
  for (const person of [ada, bola]) {
    await signUpWithName(person)
    await person.sendCode()
    await person.enterCode()
    codes.push(person.lastCode)
    await person.finishSignUp()
    await person.logIn()
    tokens.push(person.cookie.slice(5))
  }
  await ada.connectGmail()
  await ada.revoke('gmail', 'oauth2')
  await world.runJobs()
  await ada.connectGmail()
  await ada.start('twitter', 'oauth')
  await ada.elsewhere().logIn('a wrong passphrase')
  await bola.connectGmail({ account: 'bola@example.com' })
  const grants = await world.sql<{ id: string; user_id: string; grant_sealed: string }[]>`select * from grants`
  expect((await bola.deleteAccount()).status).toBe(200)
  const recovery = ada.elsewhere()
  world.services.settings.hideAccounts = true
  await recovery.startRecovery()
  await recovery.sendCode()
  world.services.settings.hideAccounts = false
  await signUpWithName(chidi)
  await chidi.sendCode()
  expect((await chidi.sendCode()).status).toBe(429)
  await claimAlarm(world.services, 'codes sent')
  await claimCount(world.services, { name: 'tests', key: '' }, { hourly: 1, daily: 1 })
  tokens.push(recovery.cookie.slice(5), chidi.cookie.slice(5))
  codes.push(ada.lastCode, chidi.lastCode)

  const secrets = [name, ada.password, 'a wrong passphrase', ...tokens]
  for (const { id, user_id, grant_sealed } of grants) {
    const grant = JSON.parse(
      await world.services.seal.open(grant_sealed, { table: 'grants', column: 'grant', row: id, user: user_id }),
    )
    secrets.push(
      grant.accountId,
      grant.tokens.access_token,
      grant.tokens.refresh_token,
      ...Object.values<string>(grant.profile),
    )
  }
  for (const { phoneNumber } of [ada, bola, chidi])
    secrets.push(phoneNumber, phoneNumber.slice(1), phoneNumber.slice(4))
  expect(secrets.every((secret) => secret.length > 3)).toBe(true)

  const stolen = `${await dump()}\n${world.logged.join('\n')}`
  const isSessionId = (form: string) =>
    tokens.some((token) => createHash('sha256').update(token).digest('base64url') === form)
  for (const secret of secrets) {
    const found = forms(secret).filter((form) => stolen.includes(form) && !isSessionId(form))
    expect(found).toEqual([])
  }
  for (const code of codes) {
    // Six digits may stand in a fraction of a second by chance.
    expect(stolen).not.toMatch(new RegExp(`(?<![.\\d])${code}(?!\\d)`))
    const encoded = forms(code).slice(2)
    expect(encoded.filter((form) => stolen.includes(form))).toEqual([])
  }
})
