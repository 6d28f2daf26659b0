import type { Socket } from 'node:net'

/**
 * Lets the driver hear of a connection's error only when it hears of its close, in one go. Node tells of them apart, and what is asked in between
 * the driver keeps on a list that it clears at an error and not at a close: on the next connection it stands in the way of all that
 * is asked then, and is given the answer to another statement.
 */
export function endAtOnce(socket: Socket): Socket {
  const emit = socket.emit.bind(socket)
  let error: unknown
  socket.emit = (event: string | symbol, ...details: unknown[]) => {
    if (event === 'error') {
      error = details[0]
      return true
    }
    if (event === 'close' && error) emit('error', error)
    return emit(event, ...details)
  }
  return socket
}
