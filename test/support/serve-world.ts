import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll } from 'vitest'
import type { ApiEnv } from '../../src/api/api-env.ts'
import { api } from '../../src/api/app.ts'
import { documentCheck } from './check-document.ts'
import type { World } from './world.ts'

/** A world's server on a real socket, for whoever is outside this process: its address. Closed after the file's tests. */
export async function serveWorld({ services }: World, bindings: Pick<ApiEnv['Bindings'], 'openAsset'> = {}) {
  const server = createServer(
    // A client that is late, on a busy machine, would ask on a connection that is being closed.
    { keepAliveTimeout: 600_000 },
    getRequestListener(async (request) => {
      const response = await api.fetch(request, { services, remoteAddress: '127.0.0.1', ...bindings })
      await documentCheck.check(request, response)
      return response
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
