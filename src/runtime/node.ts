import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Listen, runServer } from './run-server.ts'

const listen: Listen = async ({ host, port, answer }) => {
  const server = createServer(
    getRequestListener((request, { incoming }) => answer(request, incoming.socket.remoteAddress)),
  )
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async drain(patience) {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const impatience = setTimeout(() => server.closeAllConnections(), patience)
      await closed
      clearTimeout(impatience)
    },
  }
}

await runServer(listen)
