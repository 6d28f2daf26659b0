import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll } from 'vitest'
import { refuseLeaks } from '../support/canaries.ts'
import { readSpans, type Span } from './read-spans.ts'

/** Takes spans by OTLP over HTTP, as an operator's collector does; whatever arrives is looked through for secrets at the end. */
export async function openCollector() {
  const bodies: Buffer[] = []
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    requests.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
    if (collector.status === 200) bodies.push(body)
    response.writeHead(collector.status, { 'Content-Type': 'application/x-protobuf' }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    status: 200,
    requests,
    spans: (): Span[] => bodies.flatMap(readSpans),
    /** All that arrived. Text stands in protocol buffers as it is. */
    text: () => bodies.map((body) => body.toString()).join('\n'),
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
  afterAll(async () => {
    await collector.close()
    refuseLeaks(collector.text())
  })
  return collector
}
