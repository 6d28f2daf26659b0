import { once } from 'node:events'
import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'

/**
 * `hang`: no answer. `reset`: the connection breaks. `lost`: the request is carried out, then the connection breaks.
 * `late`: it is carried out, and answered only after the caller has gone.
 * `garbage`: 200, and a page instead of JSON. Else: this answer.
 */
export type Fault =
  | 'hang'
  | 'reset'
  | 'lost'
  | 'late'
  | 'garbage'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }

export type Received = {
  readonly method: string
  readonly path: string
  /** As it came, with its question mark, or empty. */
  readonly query: string
  readonly body: string
  readonly authorization?: string
}

const maxRecords = 500

export function recordAndFail(received: Received[], faults: Map<string, Fault[]>) {
  return createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const authorization = c.req.header('authorization')
    const body = await c.req.raw.clone().text()
    const { method, path } = c.req
    received.push({ method, path, query: new URL(c.req.url).search, body, ...(authorization && { authorization }) })
    if (received.length > maxRecords) received.shift()

    const fault = faults.get(path)?.shift()
    if (fault === undefined) return next()
    if (fault === 'garbage') return c.html('<!doctype html><title>Welcome to the hotel</title>')
    if (typeof fault === 'object') {
      return Response.json('body' in fault ? fault.body : {}, { status: fault.status, headers: fault.headers ?? {} })
    }
    const { socket } = c.env.incoming
    if (fault === 'lost' || fault === 'late') await next()
    if (fault === 'lost' || fault === 'reset') socket.resetAndDestroy()
    if (!socket.closed) await once(socket, 'close')
    return c.body(null)
  })
}
