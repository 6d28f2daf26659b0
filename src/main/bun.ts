import { securityHeaders } from '../api/middleware/security-headers.ts'
import { placeholderHost } from '../server/http/host.ts'
import { type Listen, runServer } from '../server/run-server.ts'

/** As much of Bun as is used here; its own types would take the place of Node's in the whole project. */
declare const Bun: {
  serve(options: {
    hostname: string
    port: number
    maxRequestBodySize: number
    idleTimeout: number
    fetch: (
      request: Request,
      server: { requestIP(request: Request): { address: string } | null },
    ) => Response | Promise<Response>
  }): { port: number; stop(closeConnections?: boolean): Promise<void> }
}

const listen: Listen = async ({ host, port, answer }) => {
  const server = Bun.serve({
    hostname: host,
    port,
    // Larger than the API's own limit, so that the API answers.
    maxRequestBodySize: 2 * 1024 * 1024,
    // Seconds, also while a platform is waited for: Bun's own 10 would hang up before PLATFORM_TIMEOUT is answered.
    idleTimeout: 60,
    fetch(request, bun) {
      const named = withHost(request)
      if (!named) return new Response(null, { status: 400, headers: { ...securityHeaders, Connection: 'close' } })
      return answer(named, bun.requestIP(request)?.address)
    },
  })
  return {
    port: server.port,
    async drain(timeout) {
      const forceStop = setTimeout(() => void server.stop(true), timeout)
      await server.stop()
      clearTimeout(forceStop)
    },
  }
}

/** Bun itself refuses HTTP/1.1 without a Host; of HTTP/1.0 it then gives no more than the path. Undefined: more than one Host, or an empty one. */
function withHost(request: Request): Request | undefined {
  const host = request.headers.get('Host')
  if (host === '' || host?.includes(',')) return undefined
  return request.url.startsWith('/') ? new Request(`http://${placeholderHost}${request.url}`, request) : request
}

await runServer(listen)
