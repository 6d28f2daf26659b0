import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

/** A web server of somebody else's: an empty page, and a redirect to wherever `to` says. Its port. */
export async function startHostileServer(): Promise<number> {
  const server = createServer(({ url = '/' }, answer) => {
    const to = new URL(url, 'http://hostile.test').searchParams.get('to')
    if (to) return answer.writeHead(307, { Location: to, 'Access-Control-Allow-Origin': '*' }).end()
    answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>hostile</title><body>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
