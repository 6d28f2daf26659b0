import { once } from 'node:events'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createMiddleware } from 'hono/factory'

/**
 * What goes wrong with one request. `reset`: the connection breaks before the request is carried out; `hang`: it is never carried out nor
 * answered; `lost`: it is carried out, then the connection breaks; `late`: it is carried out, but answered only after the caller has gone;
 * `garbage`: a success that isn't the endpoint's; a status: that answer instead.
 */
export type Fault =
  | 'reset'
  | 'hang'
  | 'lost'
  | 'late'
  | 'garbage'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }

/** Makes the next requests go wrong that arrive at a path, in the order asked for. */
export function createFaults() {
  const waiting = new Map<string, Fault[]>()

  const middleware = createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const fault = waiting.get(c.req.path)?.shift()
    if (fault === undefined) return next()
    const { incoming, outgoing } = c.env
    if (fault === 'garbage') return c.body('{"data":', 200, { 'content-type': 'application/json' })
    if (typeof fault === 'object') {
      const body =
        typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body === undefined ? {} : fault.body)
      return new Response(body, {
        status: fault.status,
        headers: { 'content-type': 'application/json', ...fault.headers },
      })
    }
    if (fault === 'lost' || fault === 'late') await next()
    if (fault === 'lost' || fault === 'reset') incoming.socket.resetAndDestroy()
    else if (!outgoing.closed) await once(outgoing, 'close')
    c.res = RESPONSE_ALREADY_SENT
  })

  return {
    middleware,
    failNext(path: string, fault: Fault) {
      waiting.set(path, [...(waiting.get(path) ?? []), fault])
    },
  }
}
