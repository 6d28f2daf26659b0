import { once } from 'node:events'
import { isIP, Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

/** `encrypted`: with any certificate. `verified`: with one that this machine trusts for the host. */
export type TlsMode = 'off' | 'preferred' | 'encrypted' | 'verified'

const modes: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  false: 'off',
  allow: 'preferred',
  prefer: 'preferred',
  require: 'encrypted',
  'no-verify': 'encrypted',
  'verify-ca': 'verified',
  'verify-full': 'verified',
  true: 'verified',
}

/** What a URL's `sslmode` (or `ssl`) asks for, as libpq and the driver read it. Throws for a mode that neither knows. */
export function tlsModeOf(url: string): TlsMode {
  const { searchParams } = new URL(url)
  const said = searchParams.get('sslmode') ?? searchParams.get('ssl') ?? 'disable'
  const mode = Object.hasOwn(modes, said) ? modes[said] : undefined
  if (!mode) throw new Error(`DATABASE_URL has an sslmode that there isn't: ${Object.keys(modes).join(', ')}`)
  return mode
}

const limitMilliseconds = 2000
const sslRequest = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)
const yes = 'S'.charCodeAt(0)

/**
 * Encrypts a connection to Postgres before anything is said on it. Source: "SSL Session Encryption" in Postgres's protocol. In the driver's
 * place, whose own request for it is too short (see `startupPadding`). A failure is a socket that fails once the driver listens to it.
 */
export async function startTls(socket: Socket, host: string, mode: TlsMode): Promise<Socket> {
  const signal = AbortSignal.timeout(limitMilliseconds)
  try {
    socket.write(sslRequest)
    const [answer] = (await once(socket, 'data', { signal })) as [Uint8Array]
    if (answer[0] !== yes) {
      if (mode === 'preferred') return socket
      throw new Error('the database takes no encrypted connection')
    }
    const secure: TLSSocket = connect({
      socket,
      rejectUnauthorized: mode === 'verified',
      ...(isIP(host) === 0 && { servername: host }),
    })
    await once(secure, 'secureConnect', { signal })
    return secure
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    const failed = new Socket()
    setImmediate(() => failed.destroy(error instanceof Error ? error : new Error('TLS failed')))
    return failed
  }
}
