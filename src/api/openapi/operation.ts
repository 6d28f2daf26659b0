import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import type { SessionPurpose } from '../../sessions/session.ts'

/** What the API document says of an operation, beside what its validators already know. */
export type Operation = {
  id: string
  tag: 'Authentication' | 'OTP' | 'Users' | 'Platforms' | 'Wallets'
  summary: string
  description: string
  success: { status: 200 | 201; description: string; body: z.ZodType; cookie?: 'set' | 'deleted' }
  /** When it answers these, beside what every operation answers. */
  refusals?: Partial<Record<401 | 403 | 404 | 409 | 422 | 429, string>>
}

/** What a middleware does, for the document to read: the very schema that validates, the very sessions that are let through. */
type RouteMeta =
  | { operation: Operation }
  | { target: 'json' | 'param'; schema: z.ZodType }
  | { session: readonly SessionPurpose[] }

const routeMetas = new WeakMap<object, RouteMeta>()

/** Notes on a middleware what the document should know of it. */
export function withRouteMeta<Handler extends object>(handler: Handler, meta: RouteMeta): Handler {
  routeMetas.set(handler, meta)
  return handler
}

export const routeMetaOf = (handler: object): RouteMeta | undefined => routeMetas.get(handler)

/** Stands before a route's other middleware and describes it. */
export function describeRoute(operation: Operation) {
  const handler: MiddlewareHandler = (_, next) => next()
  return withRouteMeta(handler, { operation })
}
