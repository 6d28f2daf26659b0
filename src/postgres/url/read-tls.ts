import { type DatabaseTls, DatabaseUrlError, type SslMode, sslModes, tlsVersions } from './database-target.ts'

/** A parameter's value, once. */
export type TakeParameter = (name: string) => string | undefined

/** As other clients have it. */
const otherModes: Readonly<Record<string, SslMode>> = {
  false: 'disable',
  '0': 'disable',
  true: 'verify-full',
  '1': 'verify-full',
  'no-verify': 'require',
}

/** How to encrypt. `isRemote`: no encryption is asked for on this machine unless the URL does. */
export function readTls(take: TakeParameter, isRemote: boolean): DatabaseTls {
  const chosen = readMode(take)
  const rootCertificate = take('sslrootcert')
  return {
    mode: strengthen(chosen ?? (isRemote ? 'prefer' : 'disable'), { isChosen: chosen !== undefined, rootCertificate }),
    isChosen: chosen !== undefined || rootCertificate !== undefined,
    isDirect: oneOf('sslnegotiation', take('sslnegotiation'), ['postgres', 'direct']) === 'direct',
    sendsServerName: take('sslsni') !== '0',
    ...compact({
      rootCertificate,
      revocationList: take('sslcrl'),
      certificate: take('sslcert'),
      key: take('sslkey'),
      keyPassphrase: take('sslpassword'),
      minVersion: oneOf('ssl_min_protocol_version', take('ssl_min_protocol_version'), tlsVersions),
      maxVersion: oneOf('ssl_max_protocol_version', take('ssl_max_protocol_version'), tlsVersions),
    }),
  }
}

function readMode(take: TakeParameter): SslMode | undefined {
  const [mode, ssl, requiressl] = [take('sslmode'), take('ssl'), take('requiressl')]
  const said = mode ?? ssl
  if (said === undefined) return requiressl === '1' ? 'require' : undefined
  const found =
    sslModes.find((known) => known === said) ?? (Object.hasOwn(otherModes, said) ? otherModes[said] : undefined)
  if (!found) throw new DatabaseUrlError(`has an unknown sslmode: it must be one of ${sslModes.join(', ')}`)
  return found
}

/** As in libpq: whoever names the certificate to trust wants it checked, and the system's vouch for a name only. */
function strengthen(
  mode: SslMode,
  { isChosen, rootCertificate }: { isChosen: boolean; rootCertificate: string | undefined },
): SslMode {
  if (rootCertificate === undefined || (isChosen && mode === 'disable')) return mode
  if (rootCertificate === 'system') return 'verify-full'
  return mode === 'require' || !isChosen ? 'verify-ca' : mode
}

/** One of the values that a parameter may have; undefined where it isn't given. */
export function oneOf<Value extends string>(
  name: string,
  actual: string | undefined,
  values: readonly Value[],
): Value | undefined {
  if (actual === undefined) return undefined
  const found = values.find((value) => value === actual)
  if (!found) throw new DatabaseUrlError(`has an unknown ${name}: it must be one of ${values.join(', ')}`)
  return found
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** Without the fields that are undefined. */
export const compact = <Fields extends object>(fields: Fields): Present<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>
