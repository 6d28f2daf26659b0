import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

export type Scripted =
  | { status: number; body?: string; headers?: Record<string, string> }
  /** Ends the connection instead of answering, or never answers. */
  | 'lost'
  | 'silent'

/** Gives the scripted answers in turn, the last one for ever; `received`: the methods that came. */
export async function scriptedServer(...answers: Scripted[]) {
  const received: string[] = []
  let heard: () => void = () => undefined
  const server = createServer((request, response) => {
    const answer = answers[Math.min(received.length, answers.length - 1)]
    received.push(request.method ?? '')
    request.resume()
    heard()
    if (answer === 'lost') return request.socket.destroy()
    if (answer === 'silent' || !answer) return
    response
      .writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers })
      .end(answer.body ?? '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    received,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`,
    /** Settles when the next request is in. */
    nextRequest: () => new Promise<void>((resolve) => (heard = resolve)),
  }
}
