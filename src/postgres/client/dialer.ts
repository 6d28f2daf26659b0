import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { DatabaseConnectError } from '../errors.ts'
import type { DatabaseHost, DatabaseTarget } from '../url/database-target.ts'
import { createGate } from './gate.ts'
import { startTls, type TlsContext, TlsRefusedError } from './tls.ts'

export const defaultConnectSeconds = 2

type Options = Pick<DatabaseTarget, 'hosts' | 'isShuffled' | 'connectTimeout'> & { tls: TlsContext }

/** A socket to one of the hosts; `index`: which. Without one the socket fails as soon as somebody listens. */
export type DialledSocket = { socket: Socket; index?: number }

/** Opens sockets to the hosts of a database: in their order, beginning with the one that answered last, and with a rest while none does. */
export function createDialer({ hosts, isShuffled, connectTimeout = defaultConnectSeconds, tls }: Options) {
  const gate = createGate()
  const milliseconds = (connectTimeout * 1000) / hosts.length
  let first = 0
  /** Hosts that were of no use, one after the other. */
  let refusals = 0

  async function open(host: DatabaseHost): Promise<Socket> {
    const signal = AbortSignal.timeout(milliseconds)
    try {
      return await startTls(await openTcp(host, signal), { host, tls, signal })
    } catch (error) {
      if (!(error instanceof TlsRefusedError) || tls.isRequired) throw error
      return openTcp(host, AbortSignal.timeout(milliseconds))
    }
  }

  return {
    /** Never rejects: the driver loses a connection whose socket can't be made, and not one whose socket fails. */
    async dial(): Promise<DialledSocket> {
      try {
        await gate.pass()
      } catch (error) {
        return { socket: failingSocket(error) }
      }
      const start = isShuffled ? Math.floor(Math.random() * hosts.length) : first
      let reason: unknown
      for (let step = 0; step < hosts.length; step++) {
        const index = (start + step) % hosts.length
        const host = hosts[index]
        if (!host) continue
        try {
          return { socket: called(await open(host), host), index }
        } catch (error) {
          reason = error
        }
      }
      gate.failed(reason instanceof Error ? reason : new Error('no connection'))
      return { socket: failingSocket(reason) }
    },

    /** To one host and no other. */
    dialHost(index: number): Promise<Socket> {
      const host = hosts[index]
      return host ? open(host) : Promise.reject(new Error('no such host'))
    },

    /** The database is there. */
    answered(index: number): void {
      first = index
      refusals = 0
      gate.succeeded()
    },

    /** It isn't, or takes no writes: the next connection begins with the next host. */
    refused(index: number, error: Error): void {
      first = (index + 1) % hosts.length
      refusals++
      if (refusals >= hosts.length) gate.failed(error)
    },
  }
}

export type Dialer = ReturnType<typeof createDialer>

async function openTcp({ host, address, port, socketPath }: DatabaseHost, signal: AbortSignal): Promise<Socket> {
  const socket = connect(socketPath ? { path: socketPath } : { host: address ?? host, port })
  // After this nobody may listen for a while.
  socket.on('error', () => undefined)
  try {
    await once(socket, 'connect', { signal })
  } catch (error) {
    socket.destroy()
    throw signal.aborted ? Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }) : error
  }
  return socket.setNoDelay(true)
}

/** The driver says where a connection took too long by these two. */
const called = (socket: Socket, { host, port, socketPath }: DatabaseHost): Socket =>
  Object.assign(socket, { host: socketPath ?? host, port })

/** Takes what the driver says, and fails with the reason: a socket that was never connected would fail with one of its own. */
function failingSocket(reason: unknown): Socket {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  setImmediate(() => socket.destroy(new DatabaseConnectError(reason)))
  return socket as unknown as Socket
}
