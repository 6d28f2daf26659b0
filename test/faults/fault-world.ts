import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll } from 'vitest'
import { openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'
import { startMastodon } from '../../src/sandbox/mastodon.ts'
import { noSendLimits } from '../support/no-send-limits.ts'
import { smsWebhookServer } from '../support/sms-webhook-server.ts'
import { startServer } from '../support/start-server.ts'

const origin = 'http://localhost:18000'

/** More than any run has users: each has an account of its own at the platform. */
const people = Array.from({ length: 100_000 }, (_, index) => ({
  id: String(index + 1),
  username: `person${index + 1}`,
  name: 'Somebody',
}))

export type FaultWorld = Awaited<ReturnType<typeof openFaultWorld>>
export type Instance = Awaited<ReturnType<FaultWorld['start']>>

/** A Postgres that may be killed and a platform that may fail, for this file alone; servers are processes that the tests start. */
export async function openFaultWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'swob-faults-'))
  // So that root's Postgres, which runs as another user, keeps its data here.
  await chmod(folder, 0o755)
  const database = await openEmbeddedPostgres({ folder: join(folder, 'postgres') })
  const sms = await smsWebhookServer()
  const redirectUri = `${origin}/platforms/mastodon/protocols/oauth2/redirect_codes/`
  const mastodon = await startMastodon({ people, redirectUris: [redirectUri] })
  // The stand-in remembers its last requests only.
  const revocations = new Set<unknown>()
  const noteRevocations = () => {
    for (const request of mastodon.received) if (request.path === '/oauth/revoke') revocations.add(request)
  }
  const noting = setInterval(noteRevocations, 100)
  const SECRET_KEYS = `faults:${randomBytes(32).toString('base64')}`
  const sql = postgres(database.url, { max: 3, onnotice: () => undefined })
  const settings = {
    DATA_DIR: folder,
    SECRET_KEYS,
    SANDBOX: 'false',
    DATABASE_URL: database.url,
    SMS_PROVIDER: 'webhook',
    SMS_WEBHOOK_URL: sms.url,
    SMS_WEBHOOK_SECRET: sms.secret,
    ...noSendLimits,
    MASTODON_BASE_URL: mastodon.url,
    MASTODON_CLIENT_ID: mastodon.clientId,
    MASTODON_CLIENT_SECRET: mastodon.clientSecret,
    PLATFORM_TIMEOUT: '2',
    LOG_LEVEL: 'warn',
  }
  const instances = new Set<{ end(signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> }>()
  afterAll(async () => {
    clearInterval(noting)
    await Promise.all([...instances].map((instance) => instance.end('SIGKILL')))
    await Promise.all([sql.end({ timeout: 1 }), sms.close(), mastodon.close()])
    await database.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  return {
    sms,
    mastodon,
    sql,
    databaseUrl: database.url,
    secretKeys: SECRET_KEYS,
    async start(more: Record<string, string> = {}) {
      // `info` tells when it serves.
      const instance = await startServer({ ...settings, LOG_LEVEL: 'info', ...more })
      instances.add(instance)
      return instance
    },
    async postmaster(): Promise<number> {
      return Number.parseInt(await readFile(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10)
    },
    /** How often the platform was asked to end a grant. */
    timesRevoked(): number {
      noteRevocations()
      return revocations.size
    },
    /** At the platform's consent page, as the person with that number. */
    async consent(url: string, personId: number): Promise<{ code: string; state: string }> {
      const body = new URLSearchParams({ person: String(personId) })
      const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' })
      const back = new URL(answer.headers.get('location') ?? '').searchParams
      return { code: back.get('code') ?? '', state: back.get('state') ?? '' }
    },
  }
}
