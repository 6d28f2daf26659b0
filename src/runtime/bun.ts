import { type Listen, runServer } from './run-server.ts'

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
    maxRequestBodySize: 1024 * 1024,
    // Seconds, also while a platform is waited for: Bun's own 10 would hang up before PLATFORM_TIMEOUT is answered.
    idleTimeout: 60,
    fetch: (request, bun) => answer(request, bun.requestIP(request)?.address),
  })
  return {
    port: server.port,
    async drain(patience) {
      const impatience = setTimeout(() => void server.stop(true), patience)
      await server.stop()
      clearTimeout(impatience)
    },
  }
}

await runServer(listen)
