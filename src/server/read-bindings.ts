import { type Config, ConfigError, readConfig } from '../config/config.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { parseDatabaseUrl } from '../postgres/url/parse-database-url.ts'

type Bindings = Readonly<Record<string, unknown>>

/** A Worker's settings, from its bindings. Throws one `ConfigError` with everything that is wrong, also with what a Worker can't have. */
export function readBindings(bindings: Bindings): { config: Config; keyRing: KeyRing } {
  const problems: string[] = []
  const strings: Record<string, string> = {}
  for (const [name, value] of Object.entries(bindings)) {
    if (typeof value === 'string') strings[name] = value
    // As TOML has them.
    if (typeof value === 'number' || typeof value === 'boolean') strings[name] = String(value)
  }
  let config: Config | undefined
  try {
    config = readConfig(strings)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
  }
  const add = (name: string, why: string) => {
    if (!problems.some((problem) => problem.startsWith(`${name} `))) problems.push(`${name} ${why}`)
  }
  const isSet = (name: string) => (strings[name] ?? '').trim() !== ''
  if (!bindings.HYPERDRIVE && !isSet('DATABASE_URL'))
    add('HYPERDRIVE', '(or DATABASE_URL) must be set: Workers have no embedded database')
  if (config?.databaseUrl) {
    const { hosts, tls } = parseDatabaseUrl(config.databaseUrl)
    if (hosts.length > 1 || hosts.some(({ socketPath }) => socketPath))
      add('DATABASE_URL', 'must name one host on Workers; let Hyperdrive or a proxy find the one that accepts writes')
    if (tls.rootCertificate || tls.certificate || tls.key || tls.revocationList)
      add('DATABASE_URL', 'must not name certificate files on Workers; upload them to Hyperdrive')
  }
  if (!isSet('SECRET_KEYS')) add('SECRET_KEYS', 'must be set: Workers cannot store a generated key')
  if (strings.SANDBOX?.trim() === 'true')
    add('SANDBOX', 'must not be true on Workers: its stand-ins need to listen on sockets')
  for (const name of ['METRICS_PORT', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
    if (isSet(name)) add(name, 'must not be set on Workers: see [observability] in wrangler.toml')
  const [newest, ...older] = config?.secretKeys ?? []
  if (!config || !newest || problems.length > 0) throw new ConfigError(problems)
  return { config, keyRing: [newest, ...older] }
}
