import type { Config } from '../config/config.ts'
import { openClient } from '../postgres/client/open-client.ts'
import { openDatabase } from '../postgres/database.ts'
import type { Log } from '../services.ts'
import { combineObservers, type Observer } from '../telemetry/observer.ts'
import { addressOf } from './http/host.ts'
import { listenForMetrics } from './http/metrics-listener.ts'
import { readVersion } from './paths.ts'

type Opened = { databaseUrl: string; log: Log }
type Telemetry = { observer?: Observer; close: () => Promise<void> }

/** Milliseconds that metrics wait for the database. */
const timeoutMilliseconds = 1000

/** Metrics where METRICS_PORT is set, traces where OTEL_EXPORTER_OTLP_ENDPOINT is. Their libraries are loaded only then. */
export async function openTelemetry(config: Config, opened: Opened): Promise<Telemetry> {
  const observers: Observer[] = []
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    if (config.metrics) observers.push(await openMetrics(config.metrics))
    if (config.traces) observers.push(...(await openTraces(config.traces)))
  } catch (error) {
    await close()
    throw error
  }
  return { ...(observers.length > 0 && { observer: combineObservers(observers) }), close }

  async function openMetrics(address: NonNullable<Config['metrics']>): Promise<Observer> {
    const { openMetrics } = await import('../telemetry/metrics/open-metrics.ts')
    // A connection of its own, so that a full pool hides nothing.
    const database = openClient(opened.databaseUrl, {
      connections: 1,
      timeout: timeoutMilliseconds,
      prepare: config.databasePrepare,
      keepsSockets: true,
    })
    closers.push(database.close)
    const metrics = openMetrics({ db: openDatabase(database.client), version: readVersion() })
    const { port, close } = await listenForMetrics(metrics, address)
    closers.push(close)
    opened.log.info(`Metrics: http://${addressOf(address.host, port)}/metrics`)
    return metrics.observer
  }

  async function openTraces(endpoint: NonNullable<Config['traces']>): Promise<Observer[]> {
    const { openTraces } = await import('../telemetry/traces/open-traces.ts')
    const traces = openTraces({ ...endpoint, version: readVersion(), log: opened.log })
    closers.push(traces.close)
    return traces.observer ? [traces.observer] : []
  }
}
