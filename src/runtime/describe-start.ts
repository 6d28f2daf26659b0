import ipaddr from 'ipaddr.js'
import type { Config } from '../config.ts'
import type { Sandbox } from '../sandbox/start-sandbox.ts'

/** What an operator is told when the server has started. */
export function describeStart(config: Config, sandbox: Sandbox | undefined): string[] {
  const host = config.host === '0.0.0.0' || config.host === '127.0.0.1' ? 'localhost' : config.host
  const address = `http://${host}:${config.port}/v2`
  const lines = [`Serving ${address}`]
  if (config.docs) lines.push(`Reference: ${address}/docs (DOCS)`)
  if (config.sms.provider === 'console')
    lines.push(
      `Codes are not sent: they are printed here and kept in ${config.dataFolder}/sms.txt (SMS_PROVIDER is console).`,
    )
  if (sandbox) {
    lines.push('SANDBOX: the platforms are local stand-ins; no real account is ever touched.')
    lines.push(`  Gmail    ${sandbox.google.url} (${sandbox.google.people.map(({ email }) => email).join(', ')})`)
    lines.push(
      `  Twitter  ${sandbox.twitter.url} (${sandbox.twitter.people.map(({ username }) => `@${username}`).join(', ')})`,
    )
    lines.push(
      `  Telegram ${sandbox.telegram.servers.map(({ dc, host, port }) => `dc ${dc} at ${host}:${port}`).join(', ')}`,
    )
    lines.push(
      `  Mastodon ${sandbox.mastodon.url} (${sandbox.mastodon.people.map(({ username }) => `@${username}`).join(', ')})`,
    )
  }
  return lines
}

/** What an operator should know of settings that may be meant so. */
export function warnOfStart({ production, settings }: Config): string[] {
  const { trustedProxies } = settings
  if (production && trustedProxies.length === 0)
    return ['TRUSTED_PROXIES is not set: limits per network are off if a proxy is in front of this server.']
  return trustedProxies
    .filter((cidr) => isWide(cidr))
    .map(
      (cidr) =>
        `TRUSTED_PROXIES names ${cidr}, which is far more than a proxy: whoever is in there may say where a request comes from.`,
    )
}

/** Of public addresses. */
function isWide(cidr: string): boolean {
  const [address, bits] = ipaddr.parseCIDR(cidr)
  return address.range() === 'unicast' && bits < (address.kind() === 'ipv4' ? 12 : 28)
}
