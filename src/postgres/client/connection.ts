import type { Socket } from 'node:net'
import type { Dialer } from './dialer.ts'
import { type BackendKey, mergeErrorIntoClose } from './quirks.ts'

const cancelMilliseconds = 2000

/** The one socket at a time that a client of the driver has, and what the driver doesn't tell about it. */
export function createConnection(dialer: Dialer) {
  let socket: Socket | undefined
  let host: number | undefined
  let heardAt = Number.NEGATIVE_INFINITY
  let isAnswered = false

  return {
    /** For the driver, each time that it connects. */
    async open(): Promise<Socket> {
      const dialled = await dialer.dial()
      const current = dialled.socket
      socket = current
      host = dialled.index
      heardAt = performance.now()
      isAnswered = false
      current.on('data', () => {
        heardAt = performance.now()
      })
      mergeErrorIntoClose(current, () => (isAnswered ? undefined : closedEarly()))
      current.on('close', () => {
        if (socket === current) socket = undefined
        if (!isAnswered && dialled.index !== undefined) dialer.refused(dialled.index, closedEarly())
      })
      return current
    },

    /** Postgres answered a statement on it. */
    answered(): void {
      isAnswered = true
      if (host !== undefined) dialer.answered(host)
    },

    /** Its server takes no writes: the next connection begins with another. */
    refused(error: Error): void {
      if (host !== undefined) dialer.refused(host, error)
    },

    /** Ends it; false: there is none. */
    leave(): boolean {
      if (!socket) return false
      socket.destroy()
      return true
    },

    /** Ends it if nothing was heard since `time` (of `performance.now()`). */
    leaveIfSilent(time: number): boolean {
      return heardAt < time && this.leave()
    },

    /** Asks the server that it leads to, and no other, to cancel what it does. Never rejects; resolves when that server has been told, or couldn't be. */
    async cancel({ pid, secret }: BackendKey): Promise<void> {
      if (host === undefined) return
      try {
        await sendCancel(await dialer.dialHost(host), { pid, secret })
      } catch {
        // Whoever asked asks again, or gives the connection up.
      }
    },
  }
}

export type DatabaseConnection = ReturnType<typeof createConnection>

/** Source: "Canceling Requests in Progress" in Postgres's protocol. The server answers by closing the connection. */
async function sendCancel(socket: Socket, { pid, secret }: BackendKey): Promise<void> {
  const message = new DataView(new ArrayBuffer(16))
  for (const [index, value] of [16, 80_877_102, pid, secret].entries()) message.setUint32(index * 4, value)
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(() => socket.destroy(), cancelMilliseconds)
  socket.on('error', () => undefined)
  socket.on('close', () => resolve())
  socket.resume().write(new Uint8Array(message.buffer))
  await promise
  clearTimeout(timer)
}

const closedEarly = (): Error =>
  Object.assign(new Error('the connection was closed before the database answered'), { code: 'ECONNRESET' })
