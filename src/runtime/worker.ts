import { env } from 'cloudflare:workers'
import { api } from '../api/api.ts'
import { createRedactor } from '../config/redact.ts'
import { ConfigError, readConfig } from '../config.ts'
import { purgeExpired } from '../housekeeping/purge-expired.ts'
import { watchCodes } from '../housekeeping/watch-codes.ts'
import type { Services } from '../services.ts'
import { runRevocations } from '../vault/run-revocations.ts'
import { createLog } from './create-log.ts'
import { databaseMilliseconds, withDatabaseTime } from './database/database-time.ts'
import { openServices } from './open-services.ts'

type Lifetime = { waitUntil(work: Promise<unknown>): void }

/** Workers may have six connections open at once; Hyperdrive pools the rest. */
const connections = 5

const write = (line: string) => console.log(line)
const { config, keyRing } = readSettings()
const log = createLog({ level: config.logLevel, json: true, redact: createRedactor(config.secrets), write })

/** Read when the Worker is deployed, so that wrong settings stop the deployment and not the first request. */
function readSettings() {
  const strings = Object.fromEntries(Object.entries(env).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >
  const config = readConfig(strings)
  const [newest, ...older] = config.secretKeys ?? []
  if (!env.HYPERDRIVE && !config.databaseUrl)
    throw new ConfigError(['HYPERDRIVE (or DATABASE_URL) must be set: a Worker has no database of its own'])
  if (!newest) throw new ConfigError(['SECRET_KEYS must be set: a Worker has nowhere to keep a key of its own'])
  if (strings.SANDBOX === 'true')
    throw new ConfigError(['SANDBOX can not be true on Workers: its platforms need sockets to listen on'])
  if (config.metrics || config.traces)
    throw new ConfigError([
      'METRICS_PORT and OTEL_EXPORTER_OTLP_ENDPOINT can not be set on Workers: see [observability]',
    ])
  return { config, keyRing: [newest, ...older] as const }
}

/** Services for one request: sockets can't outlive it. `close` first does the jobs that the request stored. */
function open(): { services: Services; close: () => Promise<void> } {
  let isWoken = false
  const wakeJobs = () => {
    isWoken = true
  }
  // Hyperdrive makes its address up anew, which a Worker may do only while it answers.
  const databaseUrl = env.HYPERDRIVE?.connectionString ?? config.databaseUrl ?? ''
  const opened = openServices(config, {
    databaseUrl,
    pool: connections,
    keepsSockets: false,
    keyRing,
    platforms: config.platforms,
    log,
    write,
    wakeJobs,
  })
  return {
    services: opened.services,
    async close() {
      try {
        if (isWoken) await runRevocations(opened.services)
      } finally {
        await opened.close()
      }
    },
  }
}

export default {
  async fetch(request: Request, _: unknown, lifetime: Lifetime): Promise<Response> {
    const { services, close } = open()
    const remoteAddress = request.headers.get('CF-Connecting-IP')
    try {
      return await withDatabaseTime(databaseMilliseconds(config), () =>
        api.fetch(request, { services, ...(remoteAddress && { remoteAddress }) }),
      )
    } finally {
      lifetime.waitUntil(close())
    }
  },

  /** By the cron trigger of wrangler.toml. */
  async scheduled(): Promise<void> {
    const { services, close } = open()
    try {
      while ((await runRevocations(services)) > 0);
      await purgeExpired(services)
      await watchCodes(services)
    } finally {
      await close()
    }
  },
}
