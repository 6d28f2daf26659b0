import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, Socket } from 'node:net'
import { getRequestListener, RequestError } from '@hono/node-server'
import { securityHeaders } from '../../api/middleware/security-headers.ts'
import type { Listen } from '../run-server.ts'
import { drainRequestBody } from './drain-request-body.ts'
import { hasValidHost, placeholderHost } from './host.ts'

/** How long a client may take, in milliseconds, and how many there may be. */
type Limits = {
  /** From the connection, or the request's first byte, to the end of its headers. */
  headers: number
  /** To the end of its body. */
  request: number
  /** Between two requests. */
  keepAlive: number
  /** Without taking a byte of an answer. */
  idle: number
  /** Between two requests, once no more connections are taken. */
  drainPollInterval: number
  connections: number
}

/** 30 s take 64 KiB over a phone's slowest data connection; proxies commonly keep theirs for 60 s, and must be the first to let go. */
const defaultLimits: Limits = {
  headers: 10_000,
  request: 30_000,
  keepAlive: 65_000,
  idle: 30_000,
  drainPollInterval: 1000,
  connections: 4096,
}

/** Takes requests on Node, and gives clients that are slow on purpose no more than `limits`. */
export function listenOnNode(limits: Limits = defaultLimits): Listen {
  return async ({ host, port, answer }) => {
    const answers = new WeakMap<Socket, ServerResponse>()
    const sockets = new Set<Socket>()
    const toAnswer = getRequestListener(drainRequestBody(answer), {
      hostname: placeholderHost,
      errorHandler: (error) =>
        new Response(null, { status: error instanceof RequestError ? 400 : 500, headers: securityHeaders }),
    })
    const server = createServer(
      {
        headersTimeout: limits.headers,
        requestTimeout: limits.request,
        keepAliveTimeout: limits.keepAlive,
        connectionsCheckingInterval: Math.min(1000, limits.headers / 2),
        // The listener's own refusal has our headers on it.
        requireHostHeader: false,
      },
      (incoming, outgoing) => {
        answers.set(incoming.socket, outgoing)
        if (!hasValidHost(incoming))
          return void outgoing.writeHead(400, { ...securityHeaders, Connection: 'close' }).end()
        void toAnswer(incoming, outgoing)
      },
    )
    server.maxConnections = limits.connections
    server.setTimeout(limits.idle, (socket) => {
      // What isn't answered yet waits for us, and not for the client.
      if (!isWaiting(answers.get(socket))) socket.destroy()
    })
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.on('checkExpectation', (_, outgoing) => outgoing.writeHead(417, securityHeaders).end())
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!(socket instanceof Socket)) return void socket.destroy()
      const begun = answers.get(socket)
      const isAmidAnswer = begun?.headersSent && !begun.writableFinished
      if (socket.writable && !isAmidAnswer) socket.write(refusal(statuses[error.code ?? ''] ?? '400 Bad Request'))
      socket.destroySoon()
    })
    server.listen(port, host)
    await once(server, 'listening')
    return {
      port: (server.address() as AddressInfo).port,
      async drain(timeout) {
        const closed = once(server, 'close')
        // Not http's own close, which breaks idle connections at once: a request may be on its way on them. It's answered, with the word that
        // the connection ends.
        NetServer.prototype.close.call(server)
        const closeIdle = () => {
          server.closeIdleConnections()
          // Browsers open some for later; to Node these are at the beginning of a request.
          for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
        }
        // Timers run before sockets are read: after a busy time a request may be waiting on what seems idle. `setImmediate` comes after.
        const polling = setInterval(() => setImmediate(closeIdle), limits.drainPollInterval)
        const forceClose = setTimeout(() => server.closeAllConnections(), timeout)
        await closed
        clearInterval(polling)
        clearTimeout(forceClose)
      },
    }
  }
}

const isWaiting = (answer: ServerResponse | undefined) =>
  answer !== undefined && !answer.headersSent && answer.req.complete

const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

/** An answer to what is no HTTP, or not in time. */
const refusal = (status: string) =>
  [
    `HTTP/1.1 ${status}`,
    ...Object.entries({ ...securityHeaders, Connection: 'close', 'Content-Length': '0' }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '\r\n',
  ].join('\r\n')
