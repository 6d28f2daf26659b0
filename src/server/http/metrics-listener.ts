import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from '../../telemetry/metrics/open-metrics.ts'

type Address = { host: string; port: number }

/** Answers GET /metrics and nothing else, apart from the API: who may read one has no business with the other. */
export async function listenForMetrics({ render, contentType }: Metrics, { host, port }: Address) {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, async (request, response) => {
    response.setHeader('Cache-Control', 'no-store')
    if (request.url?.split('?')[0] !== '/metrics') return response.writeHead(404).end()
    if (request.method !== 'GET') return response.writeHead(405, { Allow: 'GET' }).end()
    const body = await render().catch(() => undefined)
    if (body === undefined) return response.writeHead(500).end()
    return response.writeHead(200, { 'Content-Type': contentType }).end(body)
  })
  server.maxConnections = 64
  server.listen(port, host)
  await once(server, 'listening').catch((cause: unknown) => {
    throw new Error(`Cannot listen on ${host}:${port} (METRICS_PORT)`, { cause })
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      server.close()
      server.closeAllConnections()
    },
  }
}
