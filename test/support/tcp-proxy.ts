import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server, and does what networks do: falls silent, breaks off, comes back. */
export async function openTcpProxy(target: { host: string; port: number }, at = 0) {
  const pairs = new Set<[client: Socket, server: Socket]>()
  let isSilent = false
  let lastWord: string | undefined
  let opened = 0
  let isHolding = false
  let isTurningAway = false
  const held: (() => void)[] = []
  const proxy = createServer((client) => {
    opened++
    if (isTurningAway) client.on('error', () => undefined).destroy()
    else if (isHolding) {
      client.pause()
      held.push(() => carry(client))
    } else carry(client)
  })
  function carry(client: Socket) {
    const server = connect(target)
    const pair: [Socket, Socket] = [client, server]
    pairs.add(pair)
    for (const [from, to] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      from.on('data', (chunk) => {
        if (!isSilent) to.write(chunk)
        if (lastWord && chunk.includes(lastWord)) isSilent = true
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
    client.resume()
  }
  proxy.listen(at, '127.0.0.1')
  await once(proxy, 'listening')

  const { port } = proxy.address() as AddressInfo
  return {
    port,
    connections: () => pairs.size,
    /** How many there were since it's there. */
    opened: () => opened,
    /** What is sent from now on is lost, also what belongs to connections of before. */
    fallSilent: () => {
      isSilent = true
    },
    /** The same, once this has been carried. */
    fallSilentAfter: (word: string) => {
      lastWord = word
    },
    /** New connections are carried again; those of before have lost too much to go on. */
    comeBack: () => {
      isSilent = false
      isTurningAway = false
      lastWord = undefined
    },
    /** New connections are refused; those that are there go on. */
    refuse: () => {
      proxy.close()
    },
    /** No longer. */
    listen: async () => {
      proxy.listen(port, '127.0.0.1')
      await once(proxy, 'listening')
    },
    /** New connections are taken, and nothing that is said on them is carried before they are released. */
    hold: () => {
      isHolding = true
    },
    /** New connections are taken and closed at once. */
    turnAway: () => {
      isTurningAway = true
    },
    release: () => {
      isHolding = false
      for (const carryOn of held.splice(0)) carryOn()
    },
    held: () => held.length,
    /** Breaks all connections by RST. */
    reset: () => {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
    },
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      if (!proxy.listening) return
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
