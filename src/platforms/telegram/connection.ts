import type { Api } from 'telegram/tl/index.js'
import { ProviderError, RefusedError, UnavailableError } from '../../errors.ts'
import { trustServerKey } from './trust-server-key.ts'

export type TelegramOptions = {
  /** From my.telegram.org. */
  readonly apiId: number
  readonly apiHash: string
  /** Data centres to use instead of Telegram's own. */
  readonly servers?: readonly { readonly dc: number; readonly host: string; readonly port: number }[]
  /** PEM of those data centres' RSA key. */
  readonly publicKey?: string
}

/** What Telegram answers instead of a result, by its own name (`PHONE_CODE_INVALID`). */
export class TelegramRefusal extends ProviderError {
  constructor(said: string) {
    super(namePattern.test(said) ? said : 'an error without a name')
  }
}

/** Words and, at the end, a number of seconds or of a data centre: nothing that was sent looks so. */
const namePattern = /^[A-Z][A-Z0-9]{1,24}(_[A-Z0-9]{1,24}){0,7}$/

/** A line to one data centre, for one call. */
export type TelegramConnection = {
  readonly Api: typeof Api
  /** Sends one request, once. Throws `TelegramRefusal`. */
  ask(request: Api.AnyRequest): Promise<unknown>
  /** Hangs up and dials another data centre, with a new authorization key. */
  moveTo(dc: number): Promise<void>
  /** The session as the library's StringSession. */
  session(): string
}

const firstDc = 2
const port = 443
/** StringSession keeps the port in 16 signed bits. */
const highestPort = 32_767

/**
 * Does `work` over a fresh line and hangs up, whatever happens: no socket or timer stays. The library's TelegramClient
 * isn't connected: it would ask again after a 500, dial again after a drop, and keep update loops; its sender does none of that here.
 * Throws `UnavailableError` when the signal fires or the connection fails; `RefusedError` and `TelegramRefusal` pass.
 */
export async function withTelegram<T>(
  options: TelegramOptions,
  { session, signal }: { readonly session?: string; readonly signal: AbortSignal },
  work: (connection: TelegramConnection) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const stop = () => deadline.abort(new ProviderError('Telegram took too long'))
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const hangUps: (() => Promise<unknown>)[] = []
  const working = openConnection(options, session, deadline.signal, hangUps).then(work)
  try {
    return await Promise.race([working, rejectWith(deadline.signal)])
  } catch (error) {
    if (error instanceof RefusedError || error instanceof TelegramRefusal) throw error
    throw new UnavailableError('Telegram', { cause: error })
  } finally {
    signal.removeEventListener('abort', stop)
    deadline.abort()
    await Promise.allSettled(hangUps.map((hangUp) => hangUp()))
  }
}

function rejectWith(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (signal.aborted) reject(signal.reason)
  })
}

async function openConnection(
  { apiId, apiHash, servers, publicKey }: TelegramOptions,
  sessionString: string | undefined,
  deadline: AbortSignal,
  hangUps: (() => Promise<unknown>)[],
): Promise<TelegramConnection> {
  const library = await import('./library.ts')
  if (publicKey) await trustServerKey(publicKey)
  const addresses = new Map(
    servers?.map(({ dc, host, port }) => [dc, { host, port }] as const) ??
      Object.entries(library.PROD_DC_IPV4).map(([dc, host]) => [Number(dc), { host, port }] as const),
  )
  const session = new library.StringSession(sessionString ?? '')
  await session.load()
  const client = new library.TelegramClient(session, apiId, apiHash, {
    baseLogger: new library.Logger(library.LogLevel.NONE),
    deviceModel: 'SMSWithoutBorders',
    systemVersion: '1.0',
    appVersion: '2.0',
    floodSleepThreshold: 0,
    autoReconnect: false,
  })
  let keyForgotten = false

  /** One line dials once: a second dial would send its requests again. */
  async function dial(dc: number) {
    const address = addresses.get(dc)
    if (address === undefined) throw new ProviderError(`no address of data centre ${dc}`)
    session.setDC(dc, address.host, address.port > highestPort ? port : address.port)
    deadline.throwIfAborted()
    const connection = new library.ConnectionTCPFull({
      ip: address.host,
      port: address.port,
      dcId: dc,
      loggers: client.logger,
      socket: library.PromisedNetSockets,
    })
    const sender = new library.MTProtoSender(session.authKey, {
      logger: client.logger,
      client,
      dcId: dc,
      retries: 1,
      reconnectRetries: 0,
      delay: 0,
      autoReconnect: false,
      connectTimeout: null,
      isMainSender: true,
      securityChecks: true,
      authKeyCallback: (key) => {
        if (key === undefined) keyForgotten = true
      },
    })
    const hangUp = async () => {
      await sender.disconnect()
      await connection.socket.close()
    }
    hangUps.push(hangUp)
    // Before the sender's own connect, whose dial keeps a timer when the socket is closed under it.
    await connection.connect()
    deadline.throwIfAborted()
    await sender.connect(connection, false)
    session.setAuthKey(sender.authKey, dc)
    return { sender, hangUp }
  }

  let current = await dial(session.dcId || (addresses.has(firstDc) ? firstDc : ([...addresses.keys()][0] ?? firstDc)))
  return {
    Api: library.Api,
    async ask(request) {
      try {
        return await current.sender.send(request)
      } catch (error) {
        if (error instanceof library.RPCError) throw new TelegramRefusal(error.errorMessage)
        // Transport error -404: this data centre doesn't know the key any more.
        if (keyForgotten) throw new TelegramRefusal('AUTH_KEY_UNREGISTERED')
        throw error
      }
    },
    async moveTo(dc) {
      await current.hangUp()
      current = await dial(dc)
    },
    session: () => session.save(),
  }
}
