/** What the pages of a listed origin may send beside what browsers let through anyway. */
export const crossOriginHeaders = [
  ...['Content-Type', 'Accept', 'Accept-Language', 'Authorization', 'Idempotency-Key', 'Prefer'],
  ...['Cache-Control', 'Pragma', 'If-None-Match', 'If-Modified-Since', 'X-Requested-With'],
  // Traces: W3C's, then those of Zipkin, Jaeger, OpenTracing, Datadog, Sentry, New Relic, Google Cloud, AWS, Azure, Elastic, Instana, Dynatrace, Honeycomb.
  ...['traceparent', 'tracestate', 'baggage', 'b3'],
  ...['X-B3-TraceId', 'X-B3-SpanId', 'X-B3-ParentSpanId', 'X-B3-Sampled', 'X-B3-Flags'],
  ...['uber-trace-id', 'jaeger-debug-id', 'jaeger-baggage'],
  ...['ot-tracer-traceid', 'ot-tracer-spanid', 'ot-tracer-sampled', 'X-OT-Span-Context'],
  ...['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority', 'x-datadog-origin', 'x-datadog-tags'],
  ...['sentry-trace', 'sentry-baggage', 'newrelic', 'X-Cloud-Trace-Context', 'X-Amzn-Trace-Id'],
  ...['Request-Id', 'Request-Context', 'elastic-apm-traceparent', 'X-INSTANA-T', 'X-INSTANA-S', 'X-INSTANA-L'],
  ...['x-dynatrace', 'x-dtc', 'X-Honeycomb-Trace', 'X-Request-Id', 'X-Correlation-Id'],
]
