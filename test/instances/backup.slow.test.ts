import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { mastodonPeople } from '../../src/sandbox/mastodon.ts'
import { createDatabase } from '../support/create-database.ts'
import { openInstances } from '../support/open-instances.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { runReadme } from '../support/readme-commands.ts'
import { runCommand } from '../support/run-command.ts'
import { installedPostgres, startInstalledPostgres } from '../support/start-installed-postgres.ts'
import { startServer } from '../support/start-server.ts'
import { submitConsent } from '../support/submit-consent.ts'

const name = "a backup of the machine's own Postgres"

/** Processes that start take a busy machine a while. */
const patient = { timeout: 300_000 }

describe.skipIf(!installedPostgres)(installedPostgres ? name : `${name} (skipped: none with pg_dump here)`, () => {
  const closers: (() => Promise<unknown>)[] = []
  let world: Awaited<ReturnType<typeof restore>>
  beforeAll(async () => {
    world = await restore()
  }, patient.timeout)
  afterAll(async () => {
    for (const close of closers.reverse()) await close()
  })

  /** People of all sorts, dumped while their server serves; that server is then no more. */
  async function restore() {
    const folder = await mkdtemp(join(tmpdir(), 'swob-backup-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const around = await openSurroundings()
    closers.push(around.close)
    const machine = await startInstalledPostgres()
    closers.push(machine.close)
    const [original, databaseUrl] = [await createDatabase(machine.url), await createDatabase(machine.url)]
    const { SECRET_KEYS } = around.settings
    const env = { path: installedPostgres ?? '', backup: join(folder, 'backup'), SECRET_KEYS }

    const before = await openInstances({ around, databaseUrl: original, each: [{}] })
    closers.push(before.close)
    const [ada, bola, chidi] = [await before.signedUpPerson(), await before.signedUpPerson(), before.person()]
    await ada.connectGmail()
    const { url: consentPage } = await (await ada.start('mastodon', 'oauth2')).json()
    await bola.connectGmail({ account: 'bola@example.com' })
    const revoked = await before.grantOf(bola, 'gmail')
    around.sandbox.google.failNext('/oauth2/revoke', { status: 500 })
    expect((await bola.revoke('gmail', 'oauth2')).status).toBe(200)
    // Google's refusal is in, and its next try is no matter of this server's any more.
    const putOff = () => before.sql`
      update revocations set next_attempt_at = now() + interval '1 hour' where last_error is not null returning id`
    await vi.waitFor(async () => expect(await putOff()).toHaveLength(1), { timeout: 60_000 })
    await chidi.startSignUp()
    await chidi.sendCode()

    await runReadme('dump', { ...env, DATABASE_URL: original })
    expect((await stat(env.backup)).mode & 0o777).toBe(0o600)
    await closers.pop()?.()
    const checked = await runReadme('restore', { ...env, DATABASE_URL: databaseUrl })
    return { around, folder, databaseUrl, checked, ada, bola, chidi, consentPage, revoked }
  }

  test('is all there with the keys that were kept apart: accounts, grants, and what was begun', patient, async () => {
    const { around, databaseUrl, checked, consentPage, revoked } = world
    expect(checked).toMatch(/^grants\.grant_sealed under shared: 1$/m)
    expect(checked).toContain('Everything can be decrypted.')
    const { google } = around.sandbox
    expect(google.isLive(String(revoked.tokens.refresh_token))).toBe(true)

    const after = await openInstances({ around, databaseUrl, each: [{}] })
    onTestFinished(after.close)
    const [ada, chidi] = [after.moved(world.ada), after.moved(world.chidi)]
    expect(await ada.savedPlatforms()).toEqual(['gmail'])
    expect((await ada.elsewhere().logIn()).status).toBe(200)
    expect(google.isLive(String((await after.grantOf(ada, 'gmail')).tokens.refresh_token))).toBe(true)
    const back = await submitConsent('Mastodon', consentPage, { personId: mastodonPeople[0].id })
    expect((await ada.finish('mastodon', 'oauth2', { code: back.get('code') ?? '' })).status).toBe(200)
    expect((await chidi.enterCode()).status).toBe(200)
    expect((await chidi.finishSignUp()).status).toBe(200)
    expect((await chidi.logIn()).status).toBe(200)

    await after.sql`update revocations set next_attempt_at = now()`
    await expect.poll(() => after.sql`select from revocations`).toEqual([])
    expect(google.isLive(String(revoked.tokens.refresh_token))).toBe(false)
    await expect(after.sql`delete from audit_events`).rejects.toThrow('append-only')
  })

  test('opens nowhere without those keys, and both keys:check and the server say so', patient, async () => {
    const { around, folder, databaseUrl, ada } = world
    const withKeys = (id: string) => {
      const SECRET_KEYS = `${id}:${randomBytes(32).toString('base64')}`
      return { ...around.settings, SECRET_KEYS, DATABASE_URL: databaseUrl, DATA_DIR: folder }
    }
    const check = (id: string) => runCommand('src/main/commands/rotate-keys.ts', ['--check'], withKeys(id))
    const [lost, mistaken] = await Promise.all([check('other'), check('shared')])
    for (const { code, complaints, output } of [lost, mistaken]) {
      expect([code, complaints]).toEqual([1, ''])
      expect(output).toMatch(/^\d+ values cannot be decrypted\. Add the missing keys to SECRET_KEYS/m)
      expect(output).not.toContain('Everything can be decrypted.')
    }
    expect(lost.output).toContain('"why":"its key is missing from SECRET_KEYS"')
    expect(mistaken.output).toContain('"why":"altered, or encrypted with another key"')

    const server = await startServer(withKeys('other'))
    await expect.poll(server.output).toContain('error SECRET_KEYS cannot decrypt stored data')
    const answer = await fetch(`${server.url}/v2/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': ada.userAgent },
      body: JSON.stringify({ phone_number: ada.phoneNumber, password: ada.password }),
    })
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '30'])
    expect(await server.end('SIGTERM')).toBe(0)
  })
})
