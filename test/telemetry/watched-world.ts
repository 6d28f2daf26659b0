import { afterAll } from 'vitest'
import { checkReadiness } from '../../src/maintenance/check-readiness.ts'
import { openClient } from '../../src/postgres/client/open-client.ts'
import { openDatabase } from '../../src/postgres/database.ts'
import { listenForMetrics } from '../../src/server/http/metrics-listener.ts'
import { type Metrics, openMetrics } from '../../src/telemetry/metrics/open-metrics.ts'
import { refuseLeaks } from '../support/canaries.ts'
import { openWorld } from '../support/world.ts'
import { readMetrics } from './read-metrics.ts'

type Options = Omit<NonNullable<Parameters<typeof openWorld>[0]>, 'observe'>

/** The metrics of a database, at a socket of their own. */
export async function serveMetrics(metrics: Metrics) {
  const { port, close } = await listenForMetrics(metrics, { host: '127.0.0.1', port: 0 })
  afterAll(close)
  return `http://127.0.0.1:${port}`
}

export function openMetricsOf(databaseUrl: string): Metrics {
  const { client, close } = openClient(databaseUrl, {
    connections: 1,
    timeout: 20_000,
    prepare: true,
    keepsSockets: true,
  })
  afterAll(close)
  return openMetrics({ db: openDatabase(client), version: '1.2.3' })
}

/** A world whose metrics are served, as a server's are. */
export async function openWatchedWorld(options: Options = {}) {
  let metrics: Metrics | undefined
  const world = await openWorld({
    ...options,
    observe(databaseUrl) {
      metrics = openMetricsOf(databaseUrl)
      return metrics.observer
    },
  })
  if (!metrics) throw new Error('the world was opened without metrics')
  world.services.observer.readiness(() => checkReadiness(world.services))
  const url = await serveMetrics(metrics)
  return {
    ...world,
    url,
    async scrape(): Promise<string> {
      const text = await (await fetch(`${url}/metrics`)).text()
      refuseLeaks(text)
      return text
    },
    async samples() {
      return readMetrics(await this.scrape())
    },
  }
}
