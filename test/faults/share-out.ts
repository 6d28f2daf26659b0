import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

const askEvery = 50

/**
 * A load balancer as they are: asks each server whether it's ready, and gives requests in turn to those that are, over connections that are
 * kept. A server that takes no connection is passed over, since nothing was sent to it. Nothing that was sent is sent twice.
 */
export async function shareOut(ports: () => readonly number[]) {
  const agent = new Agent({ keepAlive: true })
  const ready = new Set<number>()
  let turn = 0
  const asking = new Set<number>()
  /** One question at a time: a late answer must not stand for a newer one. */
  async function ask(port: number): Promise<void> {
    asking.add(port)
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false)
    if (isReady) ready.add(port)
    else ready.delete(port)
    asking.delete(port)
  }
  const polling = setInterval(() => {
    for (const port of ready) if (!ports().includes(port)) ready.delete(port)
    for (const port of ports()) if (!asking.has(port)) void ask(port)
  }, askEvery)
  // A client that is late, on a busy machine, would ask on a connection that is being closed.
  const server = createServer({ keepAliveTimeout: 600_000 }, async (incoming, outgoing) => {
    const body = await buffer(incoming)
    const open = [...ready]
    turn++
    for (let tried = 0; tried < open.length; tried++) {
      const port = open[(turn + tried) % open.length] ?? 0
      if (await forward({ incoming, outgoing, body, port, agent })) return
    }
    outgoing.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isReady: (port: number) => ready.has(port),
    async close() {
      clearInterval(polling)
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

type Forwarded = { incoming: IncomingMessage; outgoing: ServerResponse; body: Buffer; port: number; agent: Agent }

/** False: the server wasn't reached. */
function forward({ incoming, outgoing, body, port, agent }: Forwarded): Promise<boolean> {
  const { method, headers, url: path } = incoming
  return new Promise((resolve) => {
    const onward = request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      const { connection: _, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, kept)
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
      resolve(true)
    })
    onward.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return resolve(false)
      outgoing.destroy()
      resolve(true)
    })
    onward.end(body)
  })
}
