import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Person } from '../support/person.ts'
import { startServer } from '../support/start-server.ts'
import { ada, googlePaths, openWalletWorld } from './wallet-world.ts'

const SECRET_KEYS = `kept:${randomBytes(32).toString('base64')}`
const world = await openWalletWorld({ SECRET_KEYS }, {})
const { google } = world.sandbox
const { apiId, apiHash, servers, publicKey } = world.sandbox.telegram

const platformTimeout = 90

async function startProcess() {
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'swob-kill-'))
  const server = await startServer({
    SECRET_KEYS,
    DATA_DIR,
    DATABASE_URL: world.databaseUrl,
    // A process that has just started on a busy machine takes its time.
    DATABASE_TIMEOUT: '60',
    PLATFORM_TIMEOUT: String(platformTimeout),
    GOOGLE_CLIENT_ID: google.clientId,
    GOOGLE_CLIENT_SECRET: google.clientSecret,
    GOOGLE_BASE_URL: google.url,
    TELEGRAM_API_ID: String(apiId),
    TELEGRAM_API_HASH: apiHash,
    TELEGRAM_SERVERS: servers.map(({ dc, host, port }) => `${dc}=${host}:${port}`).join(','),
    TELEGRAM_PUBLIC_KEY: publicKey,
  })
  onTestFinished(async () => {
    await server.end('SIGKILL')
    await rm(DATA_DIR, { recursive: true, force: true })
  })
  return server
}

const finishAt = ({ url }: { url: string }, person: Person, path: string, body: object) =>
  fetch(`${url}/v2/users/${person.uid}/platforms/${path}`, {
    method: 'PUT',
    headers: { Cookie: person.cookie, 'User-Agent': person.userAgent, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a process killed between the exchange and the save leaves what the next one saves, or ends', async () => {
  const [staying, leaving] = [await world.signedUpPerson(), await world.signedUpPerson()]
  const first = await startProcess()
  const accounts = ['ada@example.com', 'bola@example.com']
  const replies = await Promise.all(
    [staying, leaving].map((person, at) => person.consentAtGoogle({ account: accounts[at] ?? '' })),
  )
  const lookedUp = () => world.timesAsked('google', googlePaths.user)
  const before = lookedUp()
  google.failNext(googlePaths.user, 'hang')
  google.failNext(googlePaths.user, 'hang')
  const dying = [staying, leaving].map((person, at) =>
    finishAt(first, person, 'gmail/protocols/oauth2', replies[at] ?? {}).catch(() => undefined),
  )
  await expect.poll(lookedUp).toBe(before + 2)
  expect(await first.end('SIGKILL')).toBe('SIGKILL')
  await Promise.all(dying)
  expect(await world.stored()).toEqual({ pending: 2, grants: 0, revocations: 0 })

  // Their holder is dead, which is only known when its time is over.
  await world.passTime(platformTimeout + 10)
  const second = await startProcess()
  const finished = await finishAt(second, staying, 'gmail/protocols/oauth2', replies[0] ?? {})
  expect(finished.status).toBe(200)
  const revoked = world.timesAsked('google', googlePaths.revoke)
  await leaving.deleteAccount()
  await expect.poll(() => world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  expect(world.timesAsked('google', googlePaths.revoke)).toBe(revoked + 1)
  expect(await world.isLive('gmail', await world.grantOf(staying, 'gmail'))).toBe(true)
  await second.end('SIGKILL')
})

test('a process killed while Telegram signs somebody in leaves a session that the next one saves, or logs out', async () => {
  const { telegram } = world.sandbox
  const [staying, leaving] = [await world.signedUpPerson(), await world.signedUpPerson()]
  telegram.addAccount({ phoneNumber: '+12025550140', firstName: 'Joan' })
  await staying.start('telegram', 'twofactor', { phone_number: ada })
  await leaving.start('telegram', 'twofactor', { phone_number: '+12025550140' })
  const first = await startProcess()
  const signIns = () => world.timesAsked('telegram', 'auth.signIn')
  const before = signIns()
  telegram.next('auth.signIn', { delayMs: 600_000 })
  telegram.next('auth.signIn', { delayMs: 600_000 })
  const dying = [staying, leaving].map((person) =>
    finishAt(first, person, 'telegram/protocols/twofactor', { code: '12345' }).catch(() => undefined),
  )
  await expect.poll(signIns).toBe(before + 2)
  expect(await first.end('SIGKILL')).toBe('SIGKILL')
  await Promise.all(dying)

  await world.passTime(platformTimeout + 10)
  const second = await startProcess()
  expect((await finishAt(second, staying, 'telegram/protocols/twofactor', { code: '12345' })).status).toBe(200)
  await leaving.deleteAccount()
  await expect.poll(() => world.stored()).toEqual({ pending: 0, grants: 1, revocations: 0 })
  expect(world.timesAsked('telegram', 'auth.logOut')).toBe(1)
  expect(await world.isLive('telegram', await world.grantOf(staying, 'telegram'))).toBe(true)
  await second.end('SIGKILL')
})

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
  const before = world.timesAsked('google', googlePaths.revoke)
  const asked = () => world.timesAsked('google', googlePaths.revoke) - before

  await person.connectGmail()
  const grant = await world.grantOf(person, 'gmail')
  const first = await startProcess()
  google.failNext(googlePaths.revoke, 'hang')
  await revoke(first)
  await expect.poll(asked).toBe(1)
  expect(await first.end('SIGKILL')).toBe('SIGKILL')
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
  expect(await world.isLive('gmail', grant)).toBe(true)

  await world.passTime(platformTimeout + 10)
  const second = await startProcess()
  await expect.poll(() => world.stored()).toEqual({ pending: 0, grants: 0, revocations: 0 })
  expect(await world.isLive('gmail', grant)).toBe(false)

  // Told to stop while Google is silent, it ends cleanly and leaves the job to the next.
  await person.connectGmail()
  google.failNext(googlePaths.revoke, 'hang')
  await revoke(second)
  await expect.poll(asked).toBe(3)
  const ended = second.end('SIGTERM')
  await expect.poll(second.output).toContain('stopping')
  await google.close()
  expect(await ended).toBe(0)
  expect(await world.stored()).toEqual({ pending: 0, grants: 0, revocations: 1 })
})
