import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from '../api-env.ts'
import { networkOf, remoteAddressOf } from '../request/client-address.ts'

/** Tells the services which request they serve, for limits and for the audit trail. */
export const requestContext = createMiddleware<ApiEnv>(async (c, next) => {
  let network: string | undefined
  const request = {
    id: c.var.requestId,
    // Only when asked for: most requests are reads, which need it for nothing.
    get network() {
      network ??= networkOf(remoteAddressOf(c))
      return network
    },
  }
  c.env = { ...c.env, services: { ...c.env.services, request } }
  await next()
})
