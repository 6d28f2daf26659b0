import type { IncomingMessage } from 'node:http'

type Answer = (request: Request, remoteAddress: string | undefined) => Response | Promise<Response>

const maxDiscardedBytes = 2 * 1024 * 1024
const discardTimeoutMilliseconds = 2000

/**
 * Node keeps a connection whose request was answered before all of it was read (too large a body, no session), and the next request on it would be lost. So
 * what is left is read first; where it is too much, the connection ends with the answer.
 */
export function drainRequestBody(answer: Answer) {
  return async (request: Request, { incoming }: { incoming: object }): Promise<Response> => {
    const message = incoming as IncomingMessage
    const response = await answer(request, message.socket.remoteAddress)
    if (message.complete || message.destroyed) return response
    if (!message.readableDidRead) await discard(message)
    if (message.complete) return response
    const { body, status, headers } = response
    return new Response(body, { status, headers: [...headers, ['Connection', 'close']] })
  }
}

function discard(message: IncomingMessage): Promise<void> {
  if (Number(message.headers['content-length']) > maxDiscardedBytes) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  let size = 0
  const count = (chunk: Uint8Array) => {
    size += chunk.byteLength
    if (size > maxDiscardedBytes) resolve()
  }
  const timeout = setTimeout(resolve, discardTimeoutMilliseconds)
  message.on('data', count).once('end', resolve).once('close', resolve)
  return promise.finally(() => {
    clearTimeout(timeout)
    message.off('data', count).off('end', resolve).off('close', resolve)
  })
}
