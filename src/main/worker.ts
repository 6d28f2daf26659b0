import { env } from 'cloudflare:workers'
import { api } from '../api/app.ts'
import { createRedactor } from '../config/redact.ts'
import { databaseMilliseconds, withDatabaseBudget } from '../postgres/client/deadline.ts'
import { runAllJobs, runStoredJobs } from '../server/jobs.ts'
import { createLog } from '../server/log.ts'
import { openServices } from '../server/open-services.ts'
import { readBindings } from '../server/read-bindings.ts'
import type { Services } from '../services.ts'

type Lifetime = { waitUntil(work: Promise<unknown>): void }

/** Workers may have six connections open at once; Hyperdrive pools the rest. */
const connections = 5

const write = (line: string) => console.log(line)
/** Read when the Worker is deployed, so that wrong settings stop the deployment and not the first request. */
const { config, keyRing } = readBindings(env)
const log = createLog({ level: config.logLevel, json: true, redact: createRedactor(config.secrets), write })

/** For as long as the isolate lives. */
const keyState: Services['keyState'] = { askedAt: Number.NEGATIVE_INFINITY }
/** False as soon as a pooler was found to lose prepared statements. */
let prepares = config.databasePrepare

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
    prepare: prepares,
    onUnprepared: () => {
      prepares = false
    },
    keyRing,
    keyState,
    platforms: config.platforms,
    log,
    write,
    wakeJobs,
  })
  return {
    services: opened.services,
    async close() {
      try {
        if (isWoken) await runStoredJobs(opened.services)
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
      return await withDatabaseBudget(databaseMilliseconds(config), () =>
        api.fetch(request, { services, isClientAddress: true, ...(remoteAddress && { remoteAddress }) }),
      )
    } finally {
      lifetime.waitUntil(close())
    }
  },

  /** By the cron trigger of wrangler.toml. */
  async scheduled(): Promise<void> {
    const { services, close } = open()
    try {
      await runAllJobs(services)
    } finally {
      await close()
    }
  },
}
