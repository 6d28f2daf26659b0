import { createServer } from 'node:http'
import { createEmulator } from 'emulate'
import { closeServer, listen } from '../web/listen.ts'
import type { Forward } from './google-state.ts'

/** npm `emulate` on a port of its own. `url`: what it believes its address to be. */
export async function startEmulator(url: string, google: Record<string, unknown>) {
  // It tells its own port only where it doesn't know `url`: give it a free one, and another if someone was faster.
  for (let tries = 1; ; tries++) {
    const probe = createServer()
    const port = await listen(probe, 0)
    await closeServer(probe)
    const emulator = await createEmulator({
      service: 'google',
      port,
      baseUrl: url,
      seed: { tokens: {}, google },
    }).catch((error: unknown) => {
      if (tries === 5) throw error
    })
    if (emulator) return { forward: forwardTo(`http://127.0.0.1:${port}`), close: () => emulator.close() }
  }
}

function forwardTo(emulator: string): Forward {
  let requests = 0
  return async (request, form) => {
    const { pathname, search } = new URL(request.url)
    // A name of its own for each request: `emulate` refuses the 5000th of a caller in an hour.
    const headers = new Headers({ authorization: request.headers.get('authorization') ?? `Bearer front-${++requests}` })
    const type = request.headers.get('content-type')
    if (type && !form) headers.set('content-type', type)
    const bodiless = request.method === 'GET' || request.method === 'HEAD'
    const answer = await fetch(emulator + pathname + search, {
      method: request.method,
      headers,
      body: bodiless ? null : (form ?? (await request.arrayBuffer())),
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(10_000)]),
    })
    const kept = ['content-type', 'location'].flatMap((name): [string, string][] => {
      const value = answer.headers.get(name)
      return value === null ? [] : [[name, value]]
    })
    return new Response(answer.body, { status: answer.status, headers: kept })
  }
}
