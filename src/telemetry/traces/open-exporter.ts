import { ExportResultCode, getStringFromEnv } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import { failureWord } from '../../errors.ts'
import type { Log } from '../../services.ts'

const protocol = 'http/protobuf'

/** Sends spans, and says once when that fails, and once when it works again. */
export function openExporter(
  { url, authorization }: { url: string; authorization: string | undefined },
  log: Log,
): SpanExporter {
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
    if ((getStringFromEnv(name) ?? protocol) !== protocol)
      log.warn(`${name} is not ${protocol}, the only supported protocol`)
  }
  const exporter = new OTLPTraceExporter({ url, headers: authorization ? { authorization } : {} })
  let fails = false
  return {
    export(spans, ended) {
      exporter.export(spans, (result) => {
        const failed = result.code === ExportResultCode.FAILED
        if (failed && !fails) log.warn('cannot send traces', { reason: reasonOf(result.error) })
        if (!failed && fails) log.info('sending traces again')
        fails = failed
        ended(result)
      })
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}

/** Its message is the collector's own. */
function reasonOf(error: Error | undefined): string {
  const status = error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
  return status === undefined ? `no answer (${failureWord(error)})` : `status ${status}`
}
