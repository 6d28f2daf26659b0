import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import { RefusedError } from '../../errors.ts'
import { noopObserver } from '../../telemetry/observer.ts'
import type { ApiEnv } from '../api-env.ts'
import { routeMetaOf } from '../openapi/operation.ts'

/** Tells whoever watches what the request was and how it was answered, and the log at level `debug`. */
export const requestLogger = createMiddleware<ApiEnv>(async (c, next) => {
  const { log, observer } = c.env.services
  if (observer === noopObserver && !log.debug) return next()
  const { requestId } = c.var
  const begun = performance.now()
  const { operation, status } = await observer.request(c.req.raw.headers, async () => {
    await next()
    return { ...namesOf(c), method: c.req.method, status: c.res.status, requestId }
  })
  const milliseconds = Math.round(performance.now() - begun)
  // As the caller may read it in the problem details.
  const refusal = c.error instanceof RefusedError ? c.error : undefined
  const why = { reason: refusal?.message, fields: refusal?.details.fields }
  log.debug?.('request', { requestId, operation, status, milliseconds, ...why })
})

/** Asked every few seconds by supervisors, and answered 503 on purpose: not to be taken together with anything else. */
const health: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** The path itself is nowhere told: it names a user. */
function namesOf(c: Context<ApiEnv>): { operation: string; route: string } {
  const routes = matchedRoutes(c).filter(({ path }) => !path.endsWith('*'))
  const route = routes.at(-1)?.path ?? '*'
  if (c.req.method === 'OPTIONS') return { operation: 'preflight', route }
  if (routes.length === 0) return { operation: 'unknown', route }
  for (const { handler } of routes) {
    const meta = routeMetaOf(handler)
    if (meta && 'operation' in meta) return { operation: meta.operation.id, route }
  }
  return { operation: health.has(route) ? 'health' : 'other', route }
}
