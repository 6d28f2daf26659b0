import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that gives each request to the next of several servers, as load balancers do. `served`: how many each has got. */
export async function roundRobin(urls: readonly string[]) {
  const agent = new Agent({ keepAlive: true })
  const served = urls.map(() => 0)
  // A client that is late, on a busy machine, would ask on a connection that is being closed.
  const server = createServer({ keepAliveTimeout: 600_000 }, (incoming, outgoing) => {
    const turn = proxy.next % urls.length
    proxy.next = turn + 1
    served[turn] = (served[turn] ?? 0) + 1
    const { method, headers, url = '' } = incoming
    const onward = request(new URL(url, urls[turn]), { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', (cause) => outgoing.destroy(cause))
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Whose turn it is. */
    next: 0,
    served,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      agent.destroy()
    },
  }
  return proxy
}
