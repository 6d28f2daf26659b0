import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { bundles } from './build-bundles.ts'
import { openBenchPostgres } from './open-bench-postgres.ts'
import { seedAccounts, userAgent, writeRequests } from './seed-accounts.ts'
import { startProcess } from './start-process.ts'

export type Bench = Awaited<ReturnType<typeof openBench>>

/** Rounds of so many seconds, in which the measured and their baselines take turns. */
export type Rounds = { rounds: number; seconds: number }

const pool = '10'

type Options = Rounds & {
  accounts: number
  /** Where the server's processes leave what they spent their time on (`--cpu-prof`); '': nowhere. */
  profiles: string
}

/** A database with people in it, and the ways to start what is measured over it. */
export async function openBench(options: Options) {
  const key = randomBytes(32)
  const keyRing: KeyRing = [{ id: 'bench', bytes: Uint8Array.from(key) }]
  const postgres = await openBenchPostgres()
  const { accounts, passwordHash } = await seedAccounts(postgres.sql, keyRing, options.accounts)
  const folder = await mkdtemp(join(tmpdir(), 'swob-bench-load-'))
  const requests = await writeRequests(folder, accounts)

  const shared = {
    NODE_ENV: 'production',
    HIDE_ACCOUNTS: 'false',
    DATABASE_URL: postgres.url,
    DATABASE_POOL: pool,
  }
  /** As in production: behind a proxy, with three platforms. */
  const settings = {
    ...shared,
    SECRET_KEYS: `bench:${key.toString('base64')}`,
    ORIGINS: 'https://app.example.org',
    SMS_PROVIDER: 'webhook',
    SMS_WEBHOOK_URL: 'http://127.0.0.1:1/',
    SMS_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    TRUSTED_PROXIES: '127.0.0.1/32',
    GOOGLE_CLIENT_ID: 'bench',
    GOOGLE_CLIENT_SECRET: 'bench',
    TWITTER_API_KEY: 'bench',
    TWITTER_API_KEY_SECRET: 'bench',
    TELEGRAM_API_ID: '1',
    TELEGRAM_API_HASH: 'bench',
    LOG_LEVEL: 'info',
    // On a busy machine it may be slow, but must refuse nothing: that wouldn't be what is measured.
    PASSWORD_QUEUE: '1000',
    DATABASE_TIMEOUT: '60',
    ...(options.profiles && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profiles}` }),
  }

  return {
    ...options,
    postgres,
    accounts,
    requests,
    passwordHash,
    startServer: (more: Record<string, string> = {}) => startProcess(bundles.server, { ...settings, ...more }),
    startBareHono: () => startProcess(bundles.bareHono, { NODE_ENV: 'production' }),
    startBareHonoPostgres: (platforms = '[]') =>
      startProcess(bundles.bareHonoPostgres, { ...shared, PASSWORD_HASH: passwordHash, PLATFORMS: platforms }),
    /** What a signed-in account reads. */
    async read(url: string, what: 'dashboard' | 'platforms', account = accounts[0]): Promise<string> {
      const response = await fetch(`${url}/v2/users/${account?.uid}/${what}`, {
        headers: { Cookie: `SWOB=${account?.token}`, 'User-Agent': userAgent, 'X-Forwarded-For': '198.18.0.1' },
      })
      if (response.status !== 200) throw new Error(`${what} was answered ${response.status}`)
      return response.text()
    },
    async close(): Promise<void> {
      await postgres.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
