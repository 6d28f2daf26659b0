import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isIP, type Socket } from 'node:net'
import * as tls from 'node:tls'
import type { DatabaseHost, DatabaseTls } from '../url/database-target.ts'

/** How connections are encrypted, with the files that the URL names read. */
export type TlsContext = {
  isOn: boolean
  /** False: rather an open connection than none. */
  isRequired: boolean
  isDirect: boolean
  sendsServerName: boolean
  /** The certificate is checked: whether this machine trusts it, and whether it is the host's. */
  checks: 'nothing' | 'trust' | 'name'
  secureContext?: tls.SecureContext
}

/** The server has no TLS, or none that both sides know. */
export class TlsRefusedError extends Error {
  override readonly name = 'TlsRefusedError'
}

const sslRequest = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)
const yes = 'S'.charCodeAt(0)

/** Throws where a file can't be read or has nothing of use in it, by the parameter's name. */
export function openTlsContext({ mode, isDirect, sendsServerName, ...files }: DatabaseTls): TlsContext {
  const isOn = mode !== 'disable'
  const checks = mode === 'verify-full' ? 'name' : mode === 'verify-ca' ? 'trust' : 'nothing'
  // As in libpq, `allow` and `prefer` are content without. It tries `allow` without first; here nobody is worse off for the other order.
  const isRequired = isOn && mode !== 'allow' && mode !== 'prefer'
  return { isOn, isRequired, isDirect, sendsServerName, checks, ...(isOn && { secureContext: openContext(files) }) }
}

function openContext(files: Omit<DatabaseTls, 'mode' | 'isDirect' | 'sendsServerName'>): tls.SecureContext {
  const { rootCertificate, revocationList, certificate, key, keyPassphrase, minVersion, maxVersion } = files
  const options = {
    ...(rootCertificate && {
      ca: rootCertificate === 'system' ? systemCertificates() : read('sslrootcert', rootCertificate),
    }),
    ...(revocationList && { crl: read('sslcrl', revocationList) }),
    ...(certificate && { cert: read('sslcert', certificate) }),
    ...(key && { key: read('sslkey', key) }),
    ...(keyPassphrase && { passphrase: keyPassphrase }),
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
  }
  try {
    return tls.createSecureContext(options)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new Error(`Cannot use the certificate files in DATABASE_URL${code}`)
  }
}

function read(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new Error(`Cannot read the ${parameter} file in DATABASE_URL${code}`)
  }
}

/** The system's, where the runtime can read them, beside its own. */
function systemCertificates(): string[] {
  const system = tls.getCACertificates?.('system') ?? []
  return [...tls.rootCertificates, ...system]
}

type Start = { host: DatabaseHost; tls: TlsContext; signal: AbortSignal }

/**
 * Encrypts a connection to Postgres before anything is said on it. Source: "SSL Session Encryption" in Postgres's protocol. In the driver's
 * place, whose own request for it is too short (see `startupPadding`), and which knows no host to check an address against.
 */
export async function startTls(socket: Socket, { host, tls: context, signal }: Start): Promise<Socket> {
  if (!context.isOn || host.socketPath) return socket
  try {
    if (!context.isDirect) {
      socket.write(sslRequest)
      const [answer] = (await once(socket, 'data', { signal })) as [Uint8Array]
      // More than that byte is of somebody in between, to be taken for what comes encrypted.
      if (answer.length !== 1) throw new Error('the database sent more than its answer to the TLS request')
      if (answer[0] !== yes) {
        if (!context.isRequired) return socket
        throw new TlsRefusedError('the database does not support encrypted connections')
      }
    }
    return await handshake(socket, host.host, context, signal)
  } catch (error) {
    socket.destroy()
    throw signal.aborted ? Object.assign(new Error('no encrypted connection in time'), { code: 'ETIMEDOUT' }) : error
  }
}

async function handshake(socket: Socket, name: string, context: TlsContext, signal: AbortSignal): Promise<Socket> {
  const { checks, isDirect, sendsServerName, secureContext } = context
  const secure = tls.connect({
    socket,
    // Without it the certificate of an address would be checked against "localhost".
    host: name,
    ...(isIP(name) === 0 && sendsServerName && { servername: name }),
    rejectUnauthorized: checks !== 'nothing',
    checkServerIdentity: (_, certificate) =>
      checks === 'name' ? tls.checkServerIdentity(name, certificate) : undefined,
    ...(isDirect && { ALPNProtocols: ['postgresql'] }),
    ...(secureContext && { secureContext }),
  })
  secure.on('error', () => undefined)
  try {
    await once(secure, 'secureConnect', { signal })
  } catch (error) {
    secure.destroy()
    const isTls = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_SSL')
    throw isTls ? new TlsRefusedError(error.message, { cause: error }) : error
  }
  return secure
}
