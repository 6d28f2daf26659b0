import ipaddr from 'ipaddr.js'
import type { Config } from '../config/config.ts'
import { describeDatabase } from '../postgres/url/parse-database-url.ts'
import type { Sandbox } from '../sandbox/start-sandbox.ts'
import type { Services } from '../services.ts'
import { addressOf } from './http/host.ts'

export type Started = {
  config: Config
  port: number
  sandbox: Sandbox | undefined
  services: Pick<Services, 'platforms' | 'seal'>
  version: string
  /** Absent: it didn't say. */
  postgresVersion: string | undefined
  migrationsApplied: number
}

/** What an operator is told when the server has started: where it serves and how it is set up, and nothing that is secret. */
export function describeStart(started: Started): string[] {
  const { config, port, sandbox } = started
  const address = `http://${addressOf(config.host, port)}/v2`
  return [
    ...(config.production ? describeSetup(started) : []),
    `Serving ${address}`,
    ...(config.docs ? [`Reference: ${address}/docs (DOCS)`] : []),
    ...(config.sms.provider === 'console'
      ? [`Codes are not sent but printed here and appended to ${config.dataFolder}/sms.txt (SMS_PROVIDER=console).`]
      : []),
    ...(sandbox ? describeSandbox(sandbox) : []),
  ]
}

function describeSetup({ config, services, version, postgresVersion, migrationsApplied }: Started): string[] {
  const { databaseUrl, sms, smsFallback, captcha, settings } = config
  const platforms = [...services.platforms.values()].map(({ name, protocol }) => `${name} (${protocol})`)
  const database = databaseUrl ? describeDatabase(databaseUrl) : `embedded, in ${config.dataFolder}`
  return [
    `SMSWithoutBorders API ${version} on ${runtime()}, in production`,
    `Database: ${database}, Postgres ${postgresVersion ?? '(unknown version)'}, migrations applied: ${migrationsApplied}`,
    `Platforms: ${listOf(platforms)}`,
    `Codes: ${sms.provider}${smsFallback ? `, and ${smsFallback.provider} when it fails` : ''}; captcha: ${captcha?.provider ?? 'none'}`,
    `Origins: ${listOf(settings.origins)}; trusted proxies: ${listOf(settings.trustedProxies)}`,
    `Keys: ${listOf(services.seal.keyIds)}; accounts: ${settings.hideAccounts ? 'hidden' : 'not hidden'} (HIDE_ACCOUNTS)${settings.legacyClients ? '; answering legacy clients (LEGACY_CLIENTS)' : ''}`,
  ]
}

function describeSandbox({ google, twitter, telegram, mastodon }: Sandbox): string[] {
  const handles = (people: readonly { username: string }[]) => people.map(({ username }) => `@${username}`).join(', ')
  return [
    'SANDBOX: platforms are local stand-ins; no real accounts are involved.',
    `  Gmail    ${google.url} (${google.people.map(({ email }) => email).join(', ')})`,
    `  Twitter  ${twitter.url} (${handles(twitter.people)})`,
    `  Telegram ${telegram.servers.map(({ dc, host, port }) => `dc ${dc} at ${host}:${port}`).join(', ')}`,
    `  Mastodon ${mastodon.url} (${handles(mastodon.people)})`,
  ]
}

/** What most likely isn't as it was meant. */
export function startWarnings({ config, services }: Pick<Started, 'config' | 'services'>): string[] {
  const lacksPlatforms = config.production && services.platforms.size === 0
  return [
    ...(lacksPlatforms ? ['No platform has credentials, so users cannot save any.'] : []),
    ...configWarnings(config),
  ]
}

/** What an operator should know of settings that may be meant so. */
export function configWarnings({ production, settings }: Config): string[] {
  const { trustedProxies } = settings
  if (production && trustedProxies.length === 0)
    return ['TRUSTED_PROXIES is not set. If this server is behind a proxy, limits per network are off.']
  return trustedProxies
    .filter((cidr) => isWide(cidr))
    .map(
      (cidr) =>
        `TRUSTED_PROXIES names ${cidr}, which is far wider than a proxy: anyone in that network can claim any client address.`,
    )
}

/** Of public addresses. */
function isWide(cidr: string): boolean {
  const [address, bits] = ipaddr.parseCIDR(cidr)
  return address.range() === 'unicast' && bits < (address.kind() === 'ipv4' ? 12 : 28)
}

const listOf = (values: readonly string[]) => values.join(', ') || 'none'

const runtime = () => ('bun' in process.versions ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`)
