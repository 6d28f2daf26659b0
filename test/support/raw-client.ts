import { connect, type Socket } from 'node:net'

/** Sends bytes as they are and reads until the server closes the connection. What follows is written while the server reads. */
export function sendRaw(port: number, first: string | Buffer, more?: (socket: Socket) => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let received = ''
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(first)
    more?.(socket)
  })
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    received += text
  })
  // A server that refuses what is still being sent may reset the connection after its answer.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => resolve(received))
  return promise
}
