import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong once a request is in: the answer is a 500, never comes, is cut by a reset, breaks off midway, isn't JSON, or points elsewhere. */
export type Fault = 'status 500' | 'hang' | 'hang midway' | 'reset' | 'cut midway' | 'garbage' | 'redirect'

export type ReceivedRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string }

export type Answer = { status: number; json?: unknown }

export type StandIn = {
  readonly url: string
  /** Everything that arrived, also what a fault then answered. */
  readonly received: readonly ReceivedRequest[]
  /** Holds for every request until it's taken away. */
  fault: Fault | undefined
  close(): Promise<void>
}

/** A provider's stand-in on a free port of 127.0.0.1. */
export async function standInServer(answer: (request: ReceivedRequest) => Answer): Promise<StandIn> {
  const received: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    respond(request, response).catch((cause: Error) => response.destroy(cause))
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { method = '', url: path = '', headers } = request
    received.push({ method, path, headers, body })
    if (standIn.fault) return faults[standIn.fault](response)
    const { status, json } = answer({ method, path, headers, body })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(json === undefined ? '' : JSON.stringify(json))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    fault: undefined,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return standIn
}

const faults: Record<Fault, (response: ServerResponse) => void> = {
  'status 500': (response) => response.writeHead(500).end('{"message":"internal error"}'),
  hang: () => undefined,
  'hang midway': (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"success":'),
  reset: (response) => response.socket?.resetAndDestroy(),
  'cut midway': (response) => response.writeHead(200).write('{"success":', () => response.socket?.destroy()),
  garbage: (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in to the network</html>'),
  redirect: (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
}
