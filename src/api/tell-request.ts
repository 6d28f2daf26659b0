import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from './api-env.ts'
import { networkOf } from './network-of.ts'
import { remoteAddressOf } from './remote-address.ts'

/** Tells the services which request they serve, for limits and for the audit trail. */
export const tellRequest = createMiddleware<ApiEnv>(async (c, next) => {
  const network = networkOf(remoteAddressOf(c))
  const request = { id: c.var.requestId, ...(network && { network }) }
  c.env = { ...c.env, services: { ...c.env.services, request } }
  await next()
})
