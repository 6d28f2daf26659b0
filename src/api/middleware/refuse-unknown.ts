import type { Handler, Hono } from 'hono'
import { RefusedError } from '../../errors.ts'
import type { ApiEnv } from '../api-env.ts'

/** What answers a request that no route takes: 405 with the methods that its path does take, or 404. */
export function refuseUnknown(api: Pick<Hono<ApiEnv>, 'routes'>): Handler<ApiEnv> {
  const known = api.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`) }))
  return (c) => {
    const allow = new Set(known.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method))
    if (allow.size === 0) throw new RefusedError('not_found', 'no such path')
    if (allow.has('GET')) allow.add('HEAD')
    allow.add('OPTIONS')
    if (c.req.method === 'OPTIONS') return c.body(null, 204, { Allow: [...allow].join(', ') })
    throw new RefusedError('method_not_allowed', 'this path does not take this method', { allow: [...allow] })
  }
}
