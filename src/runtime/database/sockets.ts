import { connect, type Socket } from 'node:net'
import { endAtOnce } from './end-at-once.ts'
import { startTls, type TlsMode } from './start-tls.ts'

const restMilliseconds = 250

/** What the driver tells of where to connect; hosts are tried in turn. */
type Address = { host: string[]; port: number[]; path: string | false | undefined }

/** The pool's connections, each with the time at which the database was last heard on it. */
export function createSockets(tls: TlsMode) {
  const heard = new Map<Socket, number>()
  let turn = 0
  let rebuffedAt = Number.NEGATIVE_INFINITY

  function dial({ host, port, path }: Address) {
    const at = turn++ % host.length
    const place = { host: host[at] ?? 'localhost', port: port[at] ?? 5432 }
    const socket = connect(path ? { path } : place)
    socket.setNoDelay(true)
    heard.set(socket, performance.now())
    socket.on('data', () => heard.set(socket, performance.now()))
    socket.on('close', () => {
      if (socket.bytesRead === 0) rebuffedAt = performance.now()
      heard.delete(socket)
    })
    return { socket, ...place }
  }

  return {
    /** For the driver, which waits for the connection itself and sets its own limit to that. */
    async open(place: Address): Promise<Socket> {
      // The driver asks again at once where a proxy takes a connection only to close it.
      const wait = rebuffedAt + restMilliseconds - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      const { socket, host } = dial(place)
      return endAtOnce(tls === 'off' ? socket : await startTls(socket, host, tls))
    },

    /** Breaks connections on which nothing was heard since `time` (of `performance.now()`): the driver then opens others. */
    breakSilent(time: number): number {
      const silent = [...heard].filter(([, last]) => last < time)
      for (const [socket] of silent) socket.destroy()
      return silent.length
    },
  }
}
