import { ExportResultCode, getStringFromEnv } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Log } from '../../services.ts'

const protocol = 'http/protobuf'

/** Sends spans, and says once when that fails, and once when it works again. */
export function openExporter(url: string, log: Log): SpanExporter {
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
    const asked = getStringFromEnv(name) ?? protocol
    if (asked !== protocol) log.warn(`${name} is ${asked}, but traces are sent by ${protocol}`)
  }
  const exporter = new OTLPTraceExporter({ url })
  let fails = false
  return {
    export(spans, ended) {
      exporter.export(spans, (result) => {
        const failed = result.code === ExportResultCode.FAILED
        if (failed && !fails) log.warn('traces can not be sent', { reason: result.error?.message || 'no answer' })
        if (!failed && fails) log.info('traces are sent again')
        fails = failed
        ended(result)
      })
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}
