import type { Given } from './settings.ts'

/** Where metrics are shown, if they are. */
export function metricsOf({ METRICS_PORT: port, METRICS_HOST: host = '127.0.0.1' }: Given) {
  return port === undefined ? undefined : { host, port }
}
