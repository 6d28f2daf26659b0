import type { Values } from './settings.ts'
import { type Endpoint, endpointOf } from './urls.ts'

/** Where metrics are shown, if they are. */
export function metricsOf({ METRICS_PORT: port, METRICS_HOST: host }: Values) {
  return port === undefined ? undefined : { host, port }
}

/** Where spans are sent, if they are: the endpoint of all telemetry has one path for each kind. */
export function tracesOf(values: Values): Endpoint | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = values
  const url = traces ?? (all && `${all.replace(/\/$/, '')}/v1/traces`)
  return url === undefined ? undefined : endpointOf(url)
}
