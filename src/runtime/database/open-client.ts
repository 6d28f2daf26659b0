import postgres, { type Sql } from 'postgres'
import { type Bounds, boundClient } from './bound-client.ts'
import { startupPadding } from './driver.ts'
import { createSockets } from './sockets.ts'
import { tlsModeOf } from './start-tls.ts'

/** `keepsSockets`: false where a client lives no longer than a request (Workers). */
type Options = Omit<Bounds, 'onSilence'> & { keepsSockets: boolean; onBroken?: (connections: number) => void }

/** Opens a pool whose callers never wait without end, and which finds the database again by itself within a quarter of a second. */
export function openClient(url: string, { keepsSockets, onBroken, ...bounds }: Options) {
  const sockets = keepsSockets ? createSockets(tlsModeOf(url)) : undefined
  const clients: Sql[] = []
  const open = (onclose: () => void): Sql => {
    const [first] = clients
    const client = first ? again(first, onclose) : postgres(url, { ...options, onclose })
    clients.push(client)
    return client
  }
  const options = {
    max: 1,
    connect_timeout: 2,
    // Seconds: the library's own grows to 20, for which the service would stay away after the database is back.
    backoff: () => 0.25,
    fetch_types: false,
    // Of the driver's own statements, which begin and end transactions.
    prepare: bounds.prepare,
    onnotice: () => undefined,
    ...(sockets && {
      socket: sockets.open,
      ssl: false,
      connection: { application_name: `smswithoutborders${startupPadding}` },
    }),
  }
  const onSilence = (time: number) => {
    const broken = sockets?.breakSilent(time) ?? 0
    if (broken > 0) onBroken?.(broken)
  }
  const close = async () => {
    await Promise.all(clients.map((client) => client.end({ timeout: 5 })))
  }
  return { ...boundClient(open, { ...bounds, onSilence }), close }
}

/** One more with the same options: the driver takes a client's as they are, so that what Drizzle sets there holds for all. */
const again = ({ options }: Sql, onclose: () => void): Sql =>
  (postgres as unknown as (options: object) => Sql)({ ...options, onclose })
