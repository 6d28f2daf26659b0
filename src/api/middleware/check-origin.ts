import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { RefusedError } from '../../errors.ts'
import type { Log } from '../../services.ts'
import type { ApiEnv } from '../api-env.ts'

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

const crossOrigin = cors({
  origin: (origin) => origin,
  credentials: true,
  allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
  allowHeaders: crossOriginHeaders,
  exposeHeaders: ['Retry-After', 'X-Request-Id'],
  maxAge: 7200,
})

/** CORS headers for the listed origins and for no other; a change asked for by any other page is refused. */
export const checkOrigin = createMiddleware<ApiEnv>(async (c, next) => {
  const { settings, log } = c.env.services
  const origin = c.req.header('Origin')
  if (origin && settings.origins.includes(origin)) return crossOrigin(c, next)
  c.header('Vary', 'Origin', { append: true })
  if (origin && !isOwnOrigin(c, origin)) logUnlisted(log, origin)
  const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
  if (isChange && !mayChange(c, origin)) throw new RefusedError('forbidden', 'this web origin is not allowed')
  await next()
})

/** A browser tells where a request comes from by one of these headers or both; other programs send neither. */
function mayChange(c: Context, origin: string | undefined): boolean {
  const site = c.req.header('Sec-Fetch-Site')
  // `none`: the person's own doing, such as a reload.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return !origin || isOwnOrigin(c, origin)
}

/**
 * The origin to send people back to after a platform asked for their consent: the caller's, if it is listed and a browser can open it. An app's web
 * view has an origin that neither platforms nor browsers know.
 */
export function webOrigin(c: Context<ApiEnv>): string {
  const { origins } = c.env.services.settings
  const origin = c.req.header('Origin')
  const caller = origins.find((listed) => listed === origin)
  return [caller, c.env.returnOrigin, ...origins].find((one) => one && isWeb(one)) ?? caller ?? origins[0] ?? ''
}

const isWeb = (origin: string) => /^https?:/.test(origin)

/** A page that this server itself serves. Behind a proxy that ends TLS the scheme differs, so only the host counts. */
const isOwnOrigin = (c: Context, origin: string) => isWeb(origin) && URL.parse(origin)?.host === new URL(c.req.url).host

const unlistedLoggedAt = new WeakMap<Log, number>()
const logUnlistedEveryMilliseconds = 60_000

/** Anybody can cause it, so there's one line a minute; what no browser would send is nobody's page. */
function logUnlisted(log: Log, origin: string): void {
  if (origin !== 'null' && !/^[a-z][\w+.-]*:\/\/[^\s/?#@]+$/.test(origin)) return
  const now = performance.now()
  if (now - (unlistedLoggedAt.get(log) ?? Number.NEGATIVE_INFINITY) < logUnlistedEveryMilliseconds) return
  unlistedLoggedAt.set(log, now)
  log.warn('Refused a web page whose origin is not in ORIGINS. Add the origin if the page is yours.', {
    origin: origin.slice(0, 200),
  })
}
