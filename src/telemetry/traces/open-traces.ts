import { DiagLogLevel, diag } from '@opentelemetry/api'
import { getBooleanFromEnv, getStringFromEnv } from '@opentelemetry/core'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Log } from '../../services.ts'
import type { Observer } from '../observer.ts'
import { openExporter } from './open-exporter.ts'
import { traceWith } from './trace-with.ts'

type Options = { url: string; authorization?: string; version: string; log: Log }

/** Milliseconds that the end of the server waits for the last spans to be sent. */
const patience = 3000
const serviceName = 'smswithoutborders-api'

/** Sends spans to `url` by OTLP over HTTP. What else the standard's OTEL_ variables say of traces is read by its own library. */
export function openTraces({ url, authorization, version, log }: Options): {
  observer: Observer | undefined
  close(): Promise<void>
} {
  if (getBooleanFromEnv('OTEL_SDK_DISABLED') || getStringFromEnv('OTEL_TRACES_EXPORTER') === 'none')
    return { observer: undefined, close: async () => undefined }
  const warn = (message: string) => log.warn(message)
  // For as long as the variables are read.
  diag.setLogger({ error: warn, warn: warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN)
  const service = resourceFromAttributes({ 'service.name': serviceName, 'service.version': version })
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(service)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(openExporter({ url, authorization }, log))],
  })
  diag.disable()
  return {
    observer: traceWith(provider.getTracer(serviceName, version)),
    async close() {
      const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<void>()
      const timer = setTimeout(giveUp, patience)
      await Promise.race([provider.shutdown().catch(ignore), tooLate])
      clearTimeout(timer)
    },
  }
}

const ignore = () => undefined
