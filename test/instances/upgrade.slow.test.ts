import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mastodonPeople } from '../../src/sandbox/mastodon.ts'
import { builtProgram } from '../support/built-program.ts'
import { createDatabase } from '../support/create-database.ts'
import { fetchAt } from '../support/fetch-at.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { serveIn } from '../support/serve-in.ts'
import { submitConsent } from '../support/submit-consent.ts'
import { walkOperations } from '../support/walk-operations.ts'

/** The version before this one. */
const before = 'e00dd8f'
const hasHistory = spawnSync('git', ['cat-file', '-e', `${before}^{commit}`]).status === 0
const name = 'while a new version takes the place of the one before'

describe.skipIf(!hasHistory)(hasHistory ? name : `${name} (skipped: ${before} is not in this clone)`, () => {
  test('both serve on the new schema, and whoever began on one goes on with the other', {
    timeout: 900_000,
  }, async () => {
    const around = await openSurroundings()
    onTestFinished(around.close)
    const DATABASE_URL = await createDatabase()
    const sql = postgres(DATABASE_URL, { max: 1, onnotice: () => undefined })
    onTestFinished(() => sql.end())
    // A busy machine; and numbers that are sent several codes.
    const env = {
      ...around.settings,
      DATABASE_URL,
      DATABASE_TIMEOUT: '60',
      PLATFORM_TIMEOUT: '120',
      OTP_RESEND_WAITS: '1',
    }
    const letWaitsPass = () => sql`delete from code_waits`
    const personAt = ({ url }: { url: string }, phoneNumber = randomPhoneNumber()) =>
      new Person({ fetch: fetchAt(url), phone: around.phone, letWaitsPass }, { phoneNumber })
    const moved = (server: { url: string }, { phoneNumber, uid, cookie, password }: Person) =>
      Object.assign(personAt(server, phoneNumber), { uid, cookie, password })
    const signedUp = async (server: { url: string }) => {
      const person = personAt(server)
      await person.signUp()
      expect((await person.logIn()).status).toBe(200)
      return person
    }

    const old = await serveIn(
      await checkOut(before),
      [process.execPath, '--disable-warning=ExperimentalWarning', 'src/runtime/node.ts'],
      env,
    )
    const [ada, bola, eve] = [await signedUp(old), await signedUp(old), await signedUp(old)]
    await ada.connectGmail({ account: 'chidi@example.com' })
    const { url: consentPage } = await (await ada.start('mastodon', 'oauth2')).json()
    // A revocation that isn't done.
    await bola.connectGmail({ account: 'bola@example.com' })
    around.sandbox.google.failNext('/oauth2/revoke', { status: 500 })
    expect((await bola.revoke('gmail', 'oauth2')).status).toBe(200)
    // A sign-up and a recovery, each with its code under way; and a number that somebody tries.
    const chidi = personAt(old)
    await chidi.startSignUp()
    await chidi.sendCode()
    const dayo = await signedUp(old)
    const recovering = dayo.elsewhere()
    await recovering.startRecovery()
    expect((await recovering.sendCode()).status).toBe(201)
    for (const _ of [1, 2, 3, 4, 5]) expect((await eve.elsewhere().logIn('a wrong passphrase')).status).toBe(401)

    const countOf = async () =>
      (await sql`select count(*)::int as migrations from drizzle.__drizzle_migrations`)[0]?.migrations
    const migrationsBefore = await countOf()
    const next = await serveIn('.', [process.execPath, builtProgram('src/main/node.ts')], env)
    expect(await countOf()).toBeGreaterThan(migrationsBefore)

    // The old one goes on as if nothing had happened.
    expect((await ada.dashboard()).status).toBe(200)
    await walkOperations(personAt(old), (_, action) => action())

    // What was there before is all there for the new one.
    const [newAda, newChidi, newDayo, newEve] = [ada, chidi, recovering, eve].map((person) => moved(next, person)) as [
      Person,
      Person,
      Person,
      Person,
    ]
    expect(await newAda.savedPlatforms()).toEqual(['gmail'])
    expect((await newAda.elsewhere().logIn()).status).toBe(200)
    const back = await submitConsent('Mastodon', consentPage, { personId: mastodonPeople[0].id })
    expect((await newAda.finish('mastodon', 'oauth2', { code: back.get('code') ?? '' })).status).toBe(200)
    expect((await newChidi.enterCode()).status).toBe(200)
    expect((await newChidi.finishSignUp()).status).toBe(200)
    expect((await newChidi.logIn()).status).toBe(200)
    expect((await newDayo.enterCode()).status).toBe(200)
    expect((await newDayo.finishRecovery('a passphrase after the recovery')).status).toBe(200)
    // Each version counts passwords by itself.
    expect((await eve.elsewhere().logIn()).status).toBe(429)
    expect((await newEve.elsewhere().logIn()).status).toBe(200)
    // Either version may have carried it out by now.
    await sql`update revocations set next_attempt_at = now()`
    await expect.poll(() => sql`select from revocations`, { timeout: 120_000 }).toEqual([])

    // And the other way round: what begins on the new one goes on with the old.
    const grace = await signedUp(next)
    await grace.connectGmail({ account: 'bola@example.com' })
    const oldGrace = moved(old, grace)
    expect(await oldGrace.savedPlatforms()).toEqual(['gmail'])
    expect((await oldGrace.elsewhere().logIn()).status).toBe(200)
    expect((await oldGrace.revoke('gmail', 'oauth2')).status).toBe(200)
    const heidi = personAt(next)
    await heidi.startSignUp()
    await heidi.sendCode()
    const oldHeidi = moved(old, heidi)
    expect((await oldHeidi.enterCode()).status).toBe(200)
    expect((await oldHeidi.finishSignUp()).status).toBe(200)
    expect((await moved(next, oldHeidi).logIn()).status).toBe(200)

    expect((await old.end()).code).toBe(0)
    expect((await newAda.revoke('gmail', 'oauth2')).status).toBe(200)
    expect((await newAda.deleteAccount()).status).toBe(200)
    expect((await next.end()).code).toBe(0)
  })
})

/** A version's sources in a folder of their own, with this one's packages. */
async function checkOut(commit: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-before-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const archive = execFileSync('git', ['archive', commit, 'src', 'drizzle', 'package.json'], { maxBuffer: 2 ** 28 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  await symlink(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}
