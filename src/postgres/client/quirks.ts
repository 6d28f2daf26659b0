import type { Socket } from 'node:net'
import type { PendingQuery, Row, Sql } from 'postgres'

/*
 * What postgres.js (3.4.9) does when things go wrong, and what it has to be kept from. All of its private members that are read or written here
 * stand in this file.
 */

/** What names a connection's server process, and lets others cancel what it does. */
export type BackendKey = { pid: number; secret: number }

/** A statement of the driver's, as it is inside. */
type Inner = {
  /** The connection that it was sent on; null: it wasn't sent yet. */
  state: BackendKey | null
  /** Its connection is at it. */
  active: boolean
  strings: string[]
  args: unknown[]
  options: { prepare?: boolean; simple?: boolean }
  canceller: ((query: unknown) => Promise<void>) | null
}

const inner = (query: PendingQuery<Row[]>) => query as unknown as Inner

/** Which server process works at a statement; undefined while none does. */
export function backendOf(query: PendingQuery<Row[]>): BackendKey | undefined {
  const { active, state } = inner(query)
  return active && state ? state : undefined
}

/**
 * Sees to it that a statement that wasn't sent yet never is: an empty one is sent in its place. False: it was sent. To cancel it, as the driver
 * does it, loses the connection that it was to begin.
 */
export function discard(query: PendingQuery<Row[]>): boolean {
  const sent = inner(query)
  if (sent.state) return false
  sent.strings = ['select']
  sent.args = []
  sent.options.prepare = false
  return true
}

/** The driver's own way to cancel, for where its sockets aren't ours. `query.cancel()` would drop the promise, whose rejection ends a process. */
export const cancelByDriver = (query: PendingQuery<Row[]>): Promise<void> =>
  inner(query)
    .canceller?.(query)
    .catch(() => undefined) ?? Promise.resolve()

/** The driver's `commit` and `rollback` are statements of its own, which only its options keep from being prepared. */
export function stopPreparing(client: Sql): void {
  Object.assign(client.options, { prepare: false })
}

/** Whether a statement's error ends its connection too: a failure of the network, or Postgres's own last word on it. */
export function breaksConnection(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if ('severity' in error) return error.severity === 'FATAL' || error.severity === 'PANIC'
  return 'syscall' in error || error.code === 'ECONNRESET' || String(error.code).startsWith('CONNECTION_')
}

/**
 * Makes the driver's first message on a connection so long that it's sent at once. The driver writes a turn later than it says, and a connection
 * that ends in between leaves what it had to say, and its belief that it is about to say it, to the next one, whose messages then wait
 * until they are 1 KiB. Sent together with such a rest the message is refused, and the next try is a clean one.
 */
export const startupPadding = ' '.repeat(1024)

/**
 * Lets the driver hear of a connection's error only when it hears of its close, in one go. Node tells of them apart, and what is asked in between
 * the driver keeps on a list that it clears at an error and not at a close: on the next connection it stands in the way of all that
 * is asked then, and is given the answer to another statement. `missing`: the error of a close that has none; without one the driver connects
 * again and again for the statement that began the connection.
 */
export function mergeErrorIntoClose(socket: Socket, missing: () => Error | undefined): void {
  const emit = socket.emit.bind(socket)
  let error: unknown
  socket.on('error', () => undefined)
  socket.emit = (event: string | symbol, ...details: unknown[]) => {
    if (event === 'error') {
      error = details[0]
      return true
    }
    if (event !== 'close') return emit(event, ...details)
    const cause = error ?? missing()
    if (cause === undefined) return emit(event, ...details)
    emit('error', cause)
    return emit(event, true)
  }
}
