import { createServer, type Server, type Socket } from 'node:net'
import { serveConnection } from './serve-connection.ts'
import { makeServerKey } from './server-key.ts'
import {
  addAccount,
  digitsOf,
  type ReceivedRequest,
  type TelegramFault,
  type TelegramServer,
  type TelegramState,
} from './telegram-state.ts'
import { type NewTelegramAccount, telegramAccounts } from './well-known-accounts.ts'

export type TelegramSandboxOptions = {
  readonly apiId?: number
  readonly apiHash?: string
  readonly host?: string
  /** TCP ports of data centres 1 and 2. Default: free ones. */
  readonly ports?: readonly [number, number]
  readonly accounts?: readonly NewTelegramAccount[]
}

/** Telegram on this machine: two MTProto data centres that share accounts, codes and one RSA key. */
export type TelegramSandbox = {
  readonly servers: readonly TelegramServer[]
  /** PEM (SPKI) of the data centres' RSA key. */
  readonly publicKey: string
  readonly apiId: number
  readonly apiHash: string
  /** Every API request in order of arrival, also those that a fault then hit. */
  readonly received: readonly ReceivedRequest[]
  /** Adds an account, or replaces the one with its number. */
  addAccount(account: NewTelegramAccount): void
  /** The next request of this method (`auth.sendCode`, `reqPqMulti`) meets this fault; several faults queue. */
  next(method: string, fault: TelegramFault): void
  /** Resolves when the next request of this method has been carried out (or met its `hang`), before it is answered. */
  done(method: string): Promise<void>
  /** Forgets every authorization key that asked a code for this number: transport error -404 from now on. */
  forgetKeys(phoneNumber: string): void
  /** Ends this number's authorizations, as its owner would from another device. */
  endSessions(phoneNumber: string): void
  close(): Promise<void>
}

const dcs = [1, 2]
/** Where clients begin, and where numbers with no account belong. */
const homeDc = 2

export async function startTelegram({
  apiId = 12345,
  apiHash = '0123456789abcdef0123456789abcdef',
  host = '127.0.0.1',
  ports = [0, 0],
  accounts = telegramAccounts,
}: TelegramSandboxOptions = {}): Promise<TelegramSandbox> {
  const state: TelegramState = {
    apiId,
    apiHash,
    homeDc,
    serverKey: await makeServerKey(),
    servers: [],
    accounts: new Map(),
    codes: new Map(),
    authKeys: new Map(),
    received: [],
    faults: new Map(),
    waiting: new Map(),
  }
  for (const account of accounts) addAccount(state, account)

  const sockets = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const later = (milliseconds: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, milliseconds)
    timers.add(timer)
  }
  const listeners: Server[] = []
  for (const [at, dc] of dcs.entries()) {
    const listener = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      serveConnection(socket, { state, dc, later })
    })
    listeners.push(listener)
    state.servers.push({ dc, host, port: await listen(listener, host, ports[at] ?? 0) })
  }

  const keysOf = (phoneNumber: string) =>
    [...state.authKeys.values()].filter((key) => key.phoneNumbers.has(digitsOf(phoneNumber)))

  return {
    apiId,
    apiHash,
    servers: state.servers,
    publicKey: state.serverKey.publicKey,
    received: state.received,
    addAccount(account) {
      addAccount(state, account)
    },
    next(method, fault) {
      state.faults.set(method, [...(state.faults.get(method) ?? []), fault])
    },
    done(method) {
      return new Promise((resolve) => {
        state.waiting.set(method, [...(state.waiting.get(method) ?? []), resolve])
      })
    },
    forgetKeys(phoneNumber) {
      for (const key of keysOf(phoneNumber)) state.authKeys.delete(key.id)
    },
    endSessions(phoneNumber) {
      for (const key of keysOf(phoneNumber)) {
        if (key.account) key.revoked = true
        delete key.account
      }
    },
    async close() {
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))))
    },
  }
}

function listen(listener: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(port, host, () => {
      const address = listener.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
