import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../support/start-server.ts'
import { googlePaths, openWalletWorld } from './wallet-world.ts'

const SECRET_KEYS = `kept:${randomBytes(32).toString('base64')}`
const world = await openWalletWorld({ SECRET_KEYS }, {})
const { google } = world.sandbox

async function startProcess() {
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'swob-kill-'))
  const server = await startServer({
    SECRET_KEYS,
    DATA_DIR,
    DATABASE_URL: world.databaseUrl,
    GOOGLE_CLIENT_ID: google.clientId,
    GOOGLE_CLIENT_SECRET: google.clientSecret,
    GOOGLE_BASE_URL: google.url,
  })
  onTestFinished(async () => {
    await server.end('SIGKILL')
    await rm(DATA_DIR, { recursive: true, force: true })
  })
  return server
}

test('what a killed process left between commit and revocation, the next start finishes', async () => {
  const person = await world.signedUpPerson()
  const revoke = async ({ url }: { url: string }) => {
    const answer = await fetch(`${url}/v2/users/${person.uid}/platforms/gmail/protocols/oauth2`, {
      method: 'DELETE',
      headers: { Cookie: person.cookie, 'User-Agent': person.userAgent, 'Content-Type': 'application/json' },
      body: JSON.stringify({ password: person.password }),
    })
    expect(answer.status).toBe(200)
  }
  const asked = () => world.timesAsked('google', googlePaths.revoke)

  await person.connectGmail()
  const grant = await world.grantOf(person, 'gmail')
  const first = await startProcess()
  google.failNext(googlePaths.revoke, 'hang')
  await revoke(first)
  await expect.poll(asked, { timeout: 10_000 }).toBe(1)
  expect(await first.end('SIGKILL')).toBe('SIGKILL')
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
  expect(await world.isLive('gmail', grant)).toBe(true)

  await world.passTime(60)
  const second = await startProcess()
  await expect.poll(() => world.stored(), { timeout: 10_000 }).toEqual({ pending: 0, grants: 0, revocations: 0 })
  expect(await world.isLive('gmail', grant)).toBe(false)

  // Told to stop while Google is silent, it ends cleanly and leaves the job to the next.
  await person.connectGmail()
  google.failNext(googlePaths.revoke, 'hang')
  await revoke(second)
  await expect.poll(asked, { timeout: 10_000 }).toBe(3)
  const ended = second.end('SIGTERM')
  await expect.poll(second.output, { timeout: 10_000 }).toContain('stopping')
  await google.close()
  expect(await ended).toBe(0)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
})
